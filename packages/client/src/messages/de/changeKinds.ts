import type { Messages } from '../index.ts';

export const changeKinds: Messages['changeKinds'] = {
  added: 'neu',
  modified: 'geändert',
  deleted: 'gelöscht',
  renamed: 'umbenannt',
  typeChanged: 'Rechte oder Art geändert',
};
