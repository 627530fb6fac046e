import type { StorageItem, StorageKind } from '@offdesk/client';

/** Bytes for people. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let amount = bytes / 1000;
  let unit = 0;
  while (amount >= 999.5 && unit + 1 < units.length) {
    amount /= 1000;
    unit += 1;
  }
  return `${amount.toFixed(amount < 9.95 ? 1 : 0)} ${units[unit]}`;
}

/** What each kind is, in words. */
export const KINDS: Record<StorageKind, string> = {
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

/** What can be chosen for cleaning, and what it costs where it costs something. */
export const CHOICES: { kind: StorageKind; usual: boolean; costs?: string }[] = [
  { kind: 'outputs', usual: true },
  { kind: 'uploads', usual: true },
  { kind: 'artifacts', usual: true, costs: 'logs and diffs of runs put away' },
  { kind: 'worktrees', usual: true },
  { kind: 'snapshots', usual: true },
  { kind: 'programs', usual: true },
  { kind: 'leftovers', usual: true },
  { kind: 'conversations', usual: false, costs: 'their runs cannot be resumed' },
  { kind: 'history', usual: false, costs: 'it is read again' },
  { kind: 'log', usual: false, costs: 'the file is written anew without unused room; no event goes' },
];

/** How many things. */
export const countOf = (items: StorageItem[]): number => items.reduce((all, item) => all + item.items, 0);
