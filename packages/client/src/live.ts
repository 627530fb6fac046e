import type { Cursor, FromViewer, OutputStart, ToViewer } from './types.gen.ts';
import { PROTOCOL_VERSION } from './types.gen.ts';
import { understands, type Build } from './skew.ts';

/** How the connection stands, as a person should see it: connected only while the gateway answers. */
export type LinkState =
  | { kind: 'connecting' }
  | { kind: 'connected' }
  /** The socket says it is open, but nothing was heard for too long to believe it: asked, not answered yet. */
  | { kind: 'checking' }
  | { kind: 'away'; since: number; retryAt: number }
  | { kind: 'locked' };

/** What a socket must do; the browser's does, and so does a test's. */
export interface Socket {
  binaryType: string;
  readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: string): void;
  close(): void;
}

/** Timers and clock, so that tests own the time. */
export interface Clock {
  now(): number;
  after(ms: number, what: () => void): unknown;
  cancel(timer: unknown): void;
}

const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, what) => setTimeout(what, ms),
  cancel: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** What arrives for one watched output. */
export interface Watcher {
  /** Bytes from `offset` on; `picture`: draw them on a cleared terminal. */
  output(bytes: Uint8Array, offset: number, picture: boolean): void;
  ended(): void;
  failed(message: string): void;
}

export interface LiveEvents {
  state(state: LinkState): void;
  message(message: ToViewer): void;
  /** What the gateway is; told before anything of it is believed. */
  version?(gateway: Build): void;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;
/** A connection must hold this long before the next break is retried quickly again. */
const HELD_MS = 5_000;
const PING_EVERY_MS = 10_000;
/** A socket that does not answer in this time is dead, whatever it says of itself. */
const PONG_PATIENCE_MS = 3_000;
/** After so long a silence (a page that was frozen, a phone that slept) most are dead, and somebody is looking. */
const DOUBT_PATIENCE_MS = 500;
/** A connection that is not made in this time is tried anew: a phone that wakes up may wait minutes for its network. */
const OPEN_PATIENCE_MS = 8_000;
/** Silence after which a page no longer claims to be connected. */
const STALE_MS = PING_EVERY_MS + PONG_PATIENCE_MS;
const UNAUTHORIZED = 4401;

interface Watch {
  run: string;
  attempt: string | null;
  start: OutputStart;
  watcher: Watcher;
}

/** The one connection of a page: reconnects, catches up from its cursor, re-sends what was not acknowledged. */
export class Live {
  private socket: Socket | null = null;
  private cursor: Cursor | null = null;
  private readonly watches = new Map<number, Watch>();
  private readonly inputs = new Map<string, Extract<FromViewer, { type: 'input' }>>();
  private readonly sizes = new Map<string, Extract<FromViewer, { type: 'resize' }>>();
  private retryMs = FIRST_RETRY_MS;
  private retryTimer: unknown = null;
  private pingTimer: unknown = null;
  private pongTimer: unknown = null;
  private heldTimer: unknown = null;
  private nonce = 0;
  private awaySince: number | null = null;
  private channel = 0;
  private closed = false;
  private welcome = false;
  private doubted = false;
  /** Asked because somebody looks, and not answered yet: a break is mended at once. */
  private eager = false;
  private heardAt = 0;

  constructor(
    private readonly events: LiveEvents,
    private readonly open: () => Socket,
    private readonly clock: Clock = systemClock,
  ) {}

  start(): void {
    this.events.state({ kind: 'connecting' });
    this.connect();
  }

  stop(): void {
    this.closed = true;
    this.drop();
    this.clock.cancel(this.retryTimer);
  }

  /** The page came back to the front, or the network did: find out at once whether the socket still lives. */
  probe(): void {
    if (this.closed) return;
    // Somebody looks: whatever was waited for before is not waited for now.
    this.retryMs = FIRST_RETRY_MS;
    if (this.socket?.readyState !== 1) return this.connect();
    this.eager = true;
    this.ping();
  }

  /** Sends this run's output to `watcher` until the returned function is called. */
  watch(run: string, attempt: string | null, start: OutputStart, watcher: Watcher): () => void {
    const channel = ++this.channel;
    this.watches.set(channel, { run, attempt, start, watcher });
    this.sendWatch(channel);
    return () => {
      this.watches.delete(channel);
      this.sizes.delete(run);
      this.send({ type: 'unwatch', channel });
    };
  }

  /** Types into a terminal; kept until it was written, also over a reconnect. */
  input(run: string, id: string, text: string): void {
    const message = { type: 'input', run, id, text } as const;
    this.inputs.set(id, message);
    this.send(message);
  }

  /** Says how large this viewer's terminal is; said again after each reconnect. */
  resize(run: string, cols: number, rows: number): void {
    const message = { type: 'resize', run, cols, rows } as const;
    this.sizes.set(run, message);
    this.send(message);
  }

  /** From now on this viewer types into the run's terminal. A wish of the moment: not said again after a break. */
  takeKeyboard(run: string): void {
    this.send({ type: 'takeKeyboard', run });
  }

  private send(message: FromViewer): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  private sendWatch(channel: number): void {
    const watch = this.watches.get(channel);
    if (watch) this.send({ type: 'watch', channel, run: watch.run, attempt: watch.attempt, from: watch.start });
  }

  private connect(): void {
    if (this.closed) return;
    this.clock.cancel(this.retryTimer);
    this.drop();
    const socket = this.open();
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    this.giveUpAfter(OPEN_PATIENCE_MS);
    socket.onopen = () => {
      this.send({ type: 'hello', version: PROTOCOL_VERSION, token: null, cursor: this.cursor });
      this.giveUpAfter(PONG_PATIENCE_MS);
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.receive(data);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.socket) this.lost(code);
    };
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    this.welcome = this.doubted = false;
    for (const timer of [this.pingTimer, this.pongTimer, this.heldTimer]) this.clock.cancel(timer);
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  private lost(code: number): void {
    this.drop();
    if (code === UNAUTHORIZED) {
      this.closed = true;
      this.events.state({ kind: 'locked' });
      return;
    }
    // Jitter, so that many pages do not come back in the same moment.
    const wait = this.eager ? 0 : this.retryMs * (0.5 + Math.random() / 2);
    this.eager = false;
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
    this.awaySince ??= this.clock.now();
    this.events.state({ kind: 'away', since: this.awaySince, retryAt: this.clock.now() + wait });
    this.retryTimer = this.clock.after(wait, () => this.connect());
  }

  private ping(): void {
    const stale = this.welcome && this.clock.now() - this.heardAt > STALE_MS;
    if (stale && !this.doubted) {
      this.doubted = true;
      this.events.state({ kind: 'checking' });
    }
    this.send({ type: 'ping', nonce: ++this.nonce });
    if (stale) this.giveUpAfter(DOUBT_PATIENCE_MS, () => this.connect());
    else this.giveUpAfter(PONG_PATIENCE_MS);
  }

  private giveUpAfter(patience: number, then = () => this.lost(0)): void {
    this.clock.cancel(this.pongTimer);
    this.pongTimer = this.clock.after(patience, then);
  }

  /** Anything that arrives proves that the gateway is there. */
  private alive(): void {
    this.clock.cancel(this.pongTimer);
    this.clock.cancel(this.pingTimer);
    if (this.doubted) {
      this.doubted = false;
      this.events.state({ kind: 'connected' });
    }
    this.eager = false;
    this.heardAt = this.clock.now();
    this.pingTimer = this.clock.after(PING_EVERY_MS, () => this.ping());
  }

  private receive(data: unknown): void {
    this.alive();
    if (data instanceof ArrayBuffer) return this.receiveOutput(data);
    const message = JSON.parse(String(data)) as ToViewer;
    switch (message.type) {
      case 'snapshot':
        this.events.version?.(message);
        // Asked again now and then: whichever is too old may be renewed meanwhile.
        if (!understands(message.version)) return this.lost(0);
        this.welcomed(message);
        break;
      case 'events': {
        // Each event comes once and in order; one that is not new was heard over the connection before.
        const fresh = message.events.filter((event) => event.seq > (this.cursor?.seq ?? 0));
        const last = fresh.at(-1);
        if (!last || !this.cursor) return;
        this.cursor = { ...this.cursor, seq: last.seq };
        return this.events.message({ ...message, events: fresh });
      }
      case 'inputWritten':
        this.inputs.delete(message.id);
        return;
      case 'outputEnded':
        this.watches.get(message.channel)?.watcher.ended();
        return;
      case 'error':
        if (message.about) {
          this.inputs.delete(message.about);
          this.watches.get(Number(message.about))?.watcher.failed(message.problem.message);
        }
        break;
      default:
    }
    this.events.message(message);
  }

  private welcomed(snapshot: Extract<ToViewer, { type: 'snapshot' }>): void {
    // Without a cursor of ours, events begin after the snapshot's.
    if (!this.cursor || snapshot.resync) this.cursor = snapshot.cursor;
    this.awaySince = null;
    this.welcome = true;
    this.events.state({ kind: 'connected' });
    this.heldTimer = this.clock.after(HELD_MS, () => (this.retryMs = FIRST_RETRY_MS));
    for (const channel of this.watches.keys()) this.sendWatch(channel);
    for (const size of this.sizes.values()) this.send(size);
    for (const input of this.inputs.values()) this.send(input);
  }

  private receiveOutput(frame: ArrayBuffer): void {
    const view = new DataView(frame);
    const watch = this.watches.get(view.getUint32(0, true));
    if (!watch) return;
    const picture = (view.getUint32(4, true) & 1) === 1;
    const offset = Number(view.getBigUint64(8, true));
    const bytes = new Uint8Array(frame, 16);
    watch.start = { type: 'offset', offset: picture ? offset : offset + bytes.length };
    watch.watcher.output(bytes, offset, picture);
  }
}
