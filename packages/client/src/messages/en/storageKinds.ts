export const storageKinds = {
  log: 'What was said and done',
  outputs: 'What agents put out',
  uploads: 'Files that went with prompts',
  artifacts: 'Logs, diffs and files kept with runs',
  worktrees: 'Worktrees',
  snapshots: 'Snapshots, in your repositories',
  conversations: 'Conversations with local models',
  programs: 'Copies of Offdesk’s program',
  history: 'What was read of agents’ history',
  leftovers: 'What no run needs',
  other: 'Settings, keys and the like',
};
