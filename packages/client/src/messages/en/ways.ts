export const ways = {
  local: 'on this machine',
  lan: 'in this network',
  edge: 'through the tunnel',
  relay: 'through the relay',
};
