export const toolStates = {
  running: 'running',
  ok: 'ok',
  failed: 'failed',
  denied: 'denied',
  ended: 'ended',
};
