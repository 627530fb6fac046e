const KEPT = 'offdesk.terminal.font';
const USUAL = 13;
export const SMALLEST_CHOSEN = 8;
export const LARGEST_CHOSEN = 28;

/** Whole pixels within what can be read and what fits a screen. */
export const withinBounds = (size: number) => Math.min(LARGEST_CHOSEN, Math.max(SMALLEST_CHOSEN, Math.round(size)));

/** The size of a terminal's letters, as chosen on this device. */
export class Font {
  constructor(private readonly keep: Pick<Storage, 'getItem' | 'setItem'>) {}

  get size(): number {
    const kept = Number(this.keep.getItem(KEPT));
    return kept > 0 ? withinBounds(kept) : USUAL;
  }

  /** Whether it changed anything. */
  choose(size: number): boolean {
    const before = this.size;
    const now = withinBounds(size);
    if (now !== before) this.keep.setItem(KEPT, String(now));
    return now !== before;
  }

  reset(): boolean {
    return this.choose(USUAL);
  }
}
