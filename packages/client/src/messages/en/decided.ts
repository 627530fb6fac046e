export const decided = {
  open: 'open',
  allowed: 'allowed',
  denied: 'denied',
  expired: 'expired',
  withdrawn: 'withdrawn',
};
