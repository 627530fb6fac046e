const KEPT = 'offdesk.undo';

/** How long a decision is held before it is sent, so that a slip of the thumb can be taken back. */
export const MOMENT_MS = 1_500;

class Moment {
  private kept = $state(localStorage.getItem(KEPT) !== 'off');

  get on(): boolean {
    return this.kept;
  }

  set on(on: boolean) {
    this.kept = on;
    if (on) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, 'off');
  }
}

export const moment = new Moment();
