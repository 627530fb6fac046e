/** How many times as long as a frame took the page is left to itself, so that a heavy one never takes all of its time. */
const REST = 2;

/** Draws what grows: however often it is asked, once a frame, and seldom where frames take long. Without a screen, at once. */
export class Pace {
  private due = false;
  private free = 0;

  constructor(private readonly draw: () => void) {}

  ask(): void {
    if (typeof requestAnimationFrame === 'undefined') return this.draw();
    if (this.due) return;
    this.due = true;
    const wait = this.free - performance.now();
    if (wait > 0) setTimeout(() => this.next(), wait);
    else this.next();
  }

  private next(): void {
    requestAnimationFrame(() => {
      this.due = false;
      const began = performance.now();
      this.draw();
      // After all that the browser does for this frame.
      setTimeout(() => {
        const now = performance.now();
        this.free = now + REST * (now - began);
      });
    });
  }
}
