export const hopStates = {
  ok: 'in order',
  failed: 'failed',
  off: 'off',
  unknown: 'not known',
};
