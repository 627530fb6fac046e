export const stands = {
  off: 'off',
  paused: 'paused',
  trying: 'being tried',
  ready: 'ready',
  failed: 'failed',
  unknown: 'not known',
};
