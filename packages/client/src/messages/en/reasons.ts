export const reasons = {
  decision: '…asks to be allowed something',
  question: '…asks a question',
  finished: '…is done',
  failed: '…has failed',
  silent: '…works and says nothing for a while',
  limit: '…reaches a limit, or can go on',
  device: 'A device gets access',
  reach: 'Phones may not reach the computer',
};
