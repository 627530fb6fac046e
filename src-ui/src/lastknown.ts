// The list as it was last heard, for a window that opens while the gateway is away.
import type { Host, RunView } from '@offdesk/client';

const KEPT = 'offdesk.lastRuns';
/** As many as a person looks at. */
const MOST = 60;

export function recall(host: Host, keep: Pick<Storage, 'getItem'>): void {
  try {
    for (const run of JSON.parse(keep.getItem(KEPT) ?? '[]') as RunView[]) host.runs.set(run.id, run);
  } catch {
    // Nothing usable was kept; the list comes with the gateway.
  }
}

export function remember(runs: RunView[], keep: Pick<Storage, 'setItem'>): void {
  keep.setItem(KEPT, JSON.stringify(runs.slice(0, MOST)));
}
