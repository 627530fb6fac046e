import type { Messages } from '../index.ts';

export const hops: Messages['hops'] = {
  edge: 'Cloudflares Edge',
  tunnel: 'Tunnel',
  network: 'Dieses Netz',
  gateway: 'Gateway',
  log: 'Log',
  runner: 'Runner',
  agents: 'Agenten',
};
