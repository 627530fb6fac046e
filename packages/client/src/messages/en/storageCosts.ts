export const storageCosts = {
  artifacts: 'logs and diffs of runs put away',
  conversations: 'their runs cannot be resumed',
  history: 'it is read again',
  log: 'the file is written anew without unused room; no event goes',
};
