export const hops = {
  edge: 'Cloudflare’s edge',
  tunnel: 'Tunnel',
  network: 'This network',
  gateway: 'Gateway',
  log: 'Log',
  runner: 'Runner',
  agents: 'Agents',
};
