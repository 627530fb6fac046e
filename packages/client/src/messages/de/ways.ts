import type { Messages } from '../index.ts';

export const ways: Messages['ways'] = {
  local: 'auf diesem Rechner',
  lan: 'in diesem Netz',
  edge: 'durch den Tunnel',
  relay: 'durch das Relay',
};
