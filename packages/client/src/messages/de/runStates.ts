import type { Messages } from '../index.ts';

export const runStates: Messages['runStates'] = {
  queued: 'wartet',
  starting: 'startet',
  working: 'arbeitet',
  waiting: 'braucht dich',
  idle: 'ruht',
  done: 'fertig',
  failed: 'fehlgeschlagen',
  stopped: 'gestoppt',
  lost: 'verloren',
  timedOut: 'Zeit abgelaufen',
};
