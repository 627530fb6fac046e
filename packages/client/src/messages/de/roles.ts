import type { Messages } from '../index.ts';

export const roles: Messages['roles'] = {
  viewer: 'darf zusehen',
  operator: 'darf starten und entscheiden',
  admin: 'darf alles',
};
