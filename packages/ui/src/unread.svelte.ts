import type { RunView } from '@offdesk/client';

const KEPT = 'offdesk.looked';
/** The most runs that are remembered as looked at. */
const REMEMBERED = 500;

interface Kept {
  /** Before this, nothing is news. */
  since: string;
  /** By run, the last event that was there when it was looked at. */
  looked: Record<string, number>;
}

/** Which runs ended, or finished their turn, without anybody looking since. */
export class Unread {
  private kept = $state.raw<Kept>({ since: '', looked: {} });

  constructor(
    private readonly keep: Pick<Storage, 'getItem' | 'setItem'>,
    now: () => Date = () => new Date(),
  ) {
    try {
      this.kept = JSON.parse(keep.getItem(KEPT) ?? '') as Kept;
    } catch {
      this.take({ since: now().toISOString(), looked: {} });
    }
  }

  has(run: RunView): boolean {
    if (['queued', 'starting', 'working', 'waiting'].includes(run.state)) return false;
    return run.updatedAt > this.kept.since && run.seq > (this.kept.looked[run.id] ?? 0);
  }

  /** It is open, and was seen as it is now. */
  look(run: RunView): void {
    if ((this.kept.looked[run.id] ?? 0) >= run.seq) return;
    const others = Object.entries(this.kept.looked).filter(([id]) => id !== run.id);
    this.take({ ...this.kept, looked: Object.fromEntries([...others, [run.id, run.seq] as const].slice(-REMEMBERED)) });
  }

  private take(kept: Kept): void {
    this.kept = kept;
    this.keep.setItem(KEPT, JSON.stringify(kept));
  }
}
