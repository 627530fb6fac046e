import type { Messages } from '../index.ts';

export const limit: Messages['limit'] = {
  goesOnAt: (time) => `Macht weiter um ${time}`,
  hasReset: 'Limit ist zurückgesetzt',
  reached: 'Limit erreicht',
  of: (window, used) => `Limit ${window}: ${used}`,
  near: 'bald erreicht',
  resets: (limit, time) => `${limit}, neu ab ${time}`,
};
