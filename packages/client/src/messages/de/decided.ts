import type { Messages } from '../index.ts';

export const decided: Messages['decided'] = {
  open: 'offen',
  allowed: 'erlaubt',
  denied: 'abgelehnt',
  expired: 'abgelaufen',
  withdrawn: 'zurückgezogen',
};
