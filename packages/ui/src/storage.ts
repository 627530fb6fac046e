import { t, type StorageItem, type StorageKind } from '@offdesk/client';

/** What can be chosen for cleaning. */
export const CHOICES: { kind: StorageKind; usual: boolean }[] = [
  { kind: 'outputs', usual: true },
  { kind: 'uploads', usual: true },
  { kind: 'artifacts', usual: true },
  { kind: 'worktrees', usual: true },
  { kind: 'snapshots', usual: true },
  { kind: 'programs', usual: true },
  { kind: 'leftovers', usual: true },
  { kind: 'conversations', usual: false },
  { kind: 'history', usual: false },
  { kind: 'log', usual: false },
];

/** What it costs to clean a kind, where it costs something. */
export const costsOf = (kind: StorageKind): string | undefined => (t.storageCosts as Partial<Record<StorageKind, string>>)[kind];

/** How many things. */
export const countOf = (items: StorageItem[]): number => items.reduce((all, item) => all + item.items, 0);
