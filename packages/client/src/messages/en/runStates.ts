export const runStates = {
  queued: 'queued',
  starting: 'starting',
  working: 'working',
  waiting: 'waiting',
  idle: 'idle',
  done: 'done',
  failed: 'failed',
  stopped: 'stopped',
  lost: 'lost',
  timedOut: 'timed out',
};
