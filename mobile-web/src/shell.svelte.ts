// A new shell is offered, and taken by a tap or when nobody looks: never under somebody's hands.
import { freeToLoad } from './free.ts';

/** How long after it was put away a page is renewed: who only looks at another app for a moment finds it as it was. */
const AWAY_MS = 3_000;
/** How often an open page asks whether there is a new one. */
const ASK_MS = 30 * 60_000;
const ANSWER_MS = 2_000;
/** The page has what it needs for itself by then. */
const QUIET_MS = 3_000;

/** This page's own script: its name carries a hash of what is in it. */
const OWN = () => new URL(document.querySelector<HTMLScriptElement>('script[type=module][src]')?.src ?? '/', location.href).pathname;

class Shell {
  /** A newer page than this one is here. */
  offered = $state(false);
  /** What is open would be lost, and somebody tapped all the same. */
  unkept = $state(false);
  private registration: ServiceWorkerRegistration | null = null;
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private taking = false;
  /** Somebody tapped while it was still coming. */
  private wanted = false;

  async start(): Promise<void> {
    // Only over https with a certificate the browser trusts; where it can't be had the page works without.
    const workers = navigator.serviceWorker;
    if (!workers || location.protocol !== 'https:') return;
    // The first worker of all takes a page over that is as new as itself.
    let first = !workers.controller;
    workers.addEventListener('controllerchange', () => {
      if (first) first = false;
      else if (this.taking) location.reload();
      else void this.changed();
    });
    document.addEventListener('visibilitychange', () => this.seen());
    try {
      this.registration = await workers.register('/worker.js', { updateViaCache: 'none' });
    } catch {
      return;
    }
    this.asked = Date.now();
    const watch = () => {
      const coming = this.registration?.installing;
      coming?.addEventListener('statechange', () => {
        if (coming.state === 'installed' && workers.controller) void this.waits();
      });
    };
    this.registration.addEventListener('updatefound', watch);
    watch();
    if (this.registration.waiting) void this.waits();
    void workers.ready.then(({ active }) => setTimeout(() => active?.postMessage({ type: 'offdesk.keep' }), QUIET_MS));
  }

  /** Asks whether there is a newer page; false when this address has none. */
  async ask(): Promise<boolean> {
    this.asked = Date.now();
    try {
      await this.registration?.update();
    } catch {
      // Nobody answers here any more.
    }
    return this.offered || !!(this.registration?.installing ?? this.registration?.waiting);
  }

  /** Somebody tapped: with `regardless` also when something would be lost. */
  take(regardless = false): void {
    if (!regardless && !freeToLoad(document)) {
      this.unkept = true;
      return;
    }
    const waiting = this.registration?.waiting;
    this.wanted = !waiting && !!this.registration?.installing;
    if (this.wanted) return;
    this.taking = true;
    if (waiting) waiting.postMessage({ type: 'offdesk.take' });
    else location.reload();
  }

  private async waits(): Promise<void> {
    const waiting = this.registration?.waiting;
    if (!waiting) return;
    // Where the page was fetched anew and the worker was not: they belong together already.
    if (await isOwn(waiting)) waiting.postMessage({ type: 'offdesk.take' });
    else this.offer();
  }

  /** Another tab took the new worker, or it came by itself. */
  private async changed(): Promise<void> {
    const now = navigator.serviceWorker.controller;
    if (now && !(await isOwn(now))) this.offer();
  }

  private offer(): void {
    this.offered = true;
    if (this.wanted) this.take();
    else this.seen();
  }

  private seen(): void {
    clearTimeout(this.timer);
    if (document.visibilityState === 'visible') {
      if (Date.now() - this.asked > ASK_MS) void this.ask();
    } else if (this.offered) {
      this.timer = setTimeout(() => {
        if (freeToLoad(document)) this.take(true);
      }, AWAY_MS);
    }
  }
}

/** Whether that worker's shell is the one this page is of. */
function isOwn(worker: ServiceWorker): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((done) => {
    const timer = setTimeout(() => done(false), ANSWER_MS);
    port1.onmessage = ({ data }) => {
      clearTimeout(timer);
      done(data === true);
    };
    worker.postMessage({ type: 'offdesk.is', path: OWN() }, [port2]);
  });
}

export const shell = new Shell();
