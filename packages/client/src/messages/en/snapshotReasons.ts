export const snapshotReasons = {
  before: 'before a prompt',
  turn: 'after a turn',
  commit: 'before a commit',
  discard: 'before a discard',
  stage: 'before staging',
  restore: 'before files were put back',
  removed: 'before the worktree was removed',
};
