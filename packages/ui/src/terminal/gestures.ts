/** What fingers on a terminal mean. */
export interface Meaning {
  /** Moved by so many pixels, at a place. */
  scroll(by: number, at: Point): void;
  /** Held still: what is there is chosen. */
  hold(at: Point): void;
  /** Moved on while it held. */
  drag(to: Point): void;
  /** Let go after holding. */
  held(): void;
  /** Two fingers began, then are so many times as far apart. */
  pinchStart(): void;
  pinch(times: number): void;
}

export interface Point {
  x: number;
  y: number;
}

interface Timer {
  after(ms: number, what: () => void): unknown;
  cancel(timer: unknown): void;
}

const HOLD_MS = 450;
/** A finger that lies still still moves a little. */
const STILL_PX = 9;
const SYSTEM: Timer = { after: (ms, what) => setTimeout(what, ms), cancel: (timer) => clearTimeout(timer as number) };

const apart = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);

/** Tells tap, scroll, hold and pinch apart. A tap stays the browser's own. */
export class Gestures {
  private doing: 'nothing' | 'undecided' | 'scroll' | 'hold' | 'pinch' | 'done' = 'nothing';
  private start: Point = { x: 0, y: 0 };
  private last: Point = { x: 0, y: 0 };
  private width = 1;
  private timer: unknown;

  constructor(
    private readonly meaning: Meaning,
    private readonly clock: Timer = SYSTEM,
  ) {}

  /** A finger holds: what a browser makes of that by itself is not wanted. */
  get holds(): boolean {
    return this.doing === 'hold' || this.doing === 'pinch';
  }

  /** Fingers that are down now. */
  down(fingers: Point[]): void {
    this.clock.cancel(this.timer);
    const [first, second] = fingers;
    if (first && second) {
      if (this.doing === 'hold') this.meaning.held();
      this.doing = 'pinch';
      this.width = Math.max(1, apart(first, second));
      this.meaning.pinchStart();
    } else if (first && this.doing === 'nothing') {
      this.doing = 'undecided';
      this.start = this.last = first;
      this.timer = this.clock.after(HOLD_MS, () => {
        this.doing = 'hold';
        this.meaning.hold(this.start);
      });
    }
  }

  move(fingers: Point[]): void {
    const [first, second] = fingers;
    if (!first) return;
    if (this.doing === 'pinch' && second) this.meaning.pinch(apart(first, second) / this.width);
    else if (this.doing === 'hold') this.meaning.drag(first);
    else if (this.doing === 'undecided' && apart(this.start, first) > STILL_PX) {
      this.clock.cancel(this.timer);
      this.doing = 'scroll';
    }
    if (this.doing === 'scroll') this.meaning.scroll(this.last.y - first.y, first);
    this.last = first;
  }

  /** How many fingers are left. Whether it was more than a tap, which the browser is not to hear of then. */
  up(left: number): boolean {
    this.clock.cancel(this.timer);
    const tap = this.doing === 'undecided' || this.doing === 'nothing';
    if (this.doing === 'hold' && left === 0) this.meaning.held();
    // The last finger of two neither scrolls nor chooses.
    this.doing = left === 0 ? 'nothing' : 'done';
    return !tap;
  }
}

/** Listens to fingers on an element until the returned function is called. */
export function followFingers(element: HTMLElement, meaning: Meaning): () => void {
  const gestures = new Gestures(meaning);
  const points = (event: TouchEvent) => [...event.touches].map(({ clientX: x, clientY: y }) => ({ x, y }));
  const down = (event: TouchEvent) => {
    gestures.down(points(event));
    if (event.touches.length > 1) event.preventDefault();
  };
  const move = (event: TouchEvent) => {
    event.preventDefault();
    gestures.move(points(event));
  };
  const up = (event: TouchEvent) => {
    if (gestures.up(event.touches.length)) event.preventDefault();
  };
  /** For a held finger browsers show a menu, and some press the right button for it. */
  const quiet = (event: Event) => {
    if (!gestures.holds) return;
    event.preventDefault();
    event.stopPropagation();
  };
  element.addEventListener('touchstart', down, { passive: false });
  element.addEventListener('touchmove', move, { passive: false });
  element.addEventListener('touchend', up, { passive: false });
  element.addEventListener('touchcancel', up, { passive: false });
  for (const name of ['contextmenu', 'mousedown', 'mouseup']) element.addEventListener(name, quiet, { capture: true });
  return () => {
    element.removeEventListener('touchstart', down);
    element.removeEventListener('touchmove', move);
    element.removeEventListener('touchend', up);
    element.removeEventListener('touchcancel', up);
    for (const name of ['contextmenu', 'mousedown', 'mouseup']) element.removeEventListener(name, quiet, { capture: true });
  };
}
