import type { Messages } from '../index.ts';

export const snapshotReasons: Messages['snapshotReasons'] = {
  before: 'vor einem Prompt',
  turn: 'nach einer Runde',
  commit: 'vor einem Commit',
  discard: 'vor einem Verwerfen',
  stage: 'vor dem Vormerken',
  restore: 'vor einem Zurücklegen',
  removed: 'vor dem Entfernen des Worktrees',
};
