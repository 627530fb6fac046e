import type { Messages } from '../index.ts';

export const toolStates: Messages['toolStates'] = {
  running: 'läuft',
  ok: 'ok',
  failed: 'fehlgeschlagen',
  denied: 'abgelehnt',
  ended: 'zu Ende',
};
