import type { Messages } from '../index.ts';

export const hopStates: Messages['hopStates'] = {
  ok: 'in Ordnung',
  failed: 'fehlgeschlagen',
  off: 'aus',
  unknown: 'nicht bekannt',
};
