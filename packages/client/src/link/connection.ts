// Streams over a sealed carrier, from the side that calls.
import type { RequestHead, ResponseHead } from '../types.gen.ts';
import { concat, fromUtf8, utf8, type Bytes } from './bytes.ts';
import { BYE, FRAME, LARGEST_BODY, cost, encode, parse, type Frame } from './frame.ts';
import type { Finished } from './noise.ts';

/** Moves sealed messages: a WebSocket, or a test. */
export interface Carrier {
  onmessage: ((bytes: Bytes) => void) | null;
  onclose: ((code: number) => void) | null;
  send(bytes: Bytes): void;
  close(): void;
}

/** The connection is over; what was asked may or may not have arrived. */
export class ConnectionOver extends Error {}

const WINDOW = 256 * 1024;
const REKEY_MESSAGES = (1 << 14) - 2;
const REKEY_MS = 10 * 60_000;

interface StreamEvents {
  response(head: ResponseHead): void;
  message(body: Bytes, isText: boolean): void;
  end(): void;
  reset(error: Error): void;
}

interface Open {
  events: StreamEvents;
  credit: number;
  waiting: (() => void)[];
  begun: Uint8Array[];
  consumed: number;
}

/** A stream's sending half. */
export interface Stream {
  send(body: Bytes, isText: boolean): Promise<void>;
  finish(): void;
  cancel(): void;
}

export class Connection {
  private readonly streams = new Map<number, Open>();
  private next = 1;
  private sent = 0;
  private keyedAt: number;
  private outgoing: Promise<void> = Promise.resolve();
  private incoming: Promise<void> = Promise.resolve();
  private over = false;
  /** The host's last word, if it said one. */
  bye: number | null = null;
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;
  private closing!: () => void;

  constructor(
    private readonly carrier: Carrier,
    private readonly sealed: Pick<Finished, 'sending' | 'receiving'>,
    private readonly now: () => number = () => Date.now(),
  ) {
    this.keyedAt = now();
    this.closed = new Promise((done) => (this.closing = done));
    carrier.onmessage = (bytes) => {
      this.incoming = this.incoming.then(() => this.receive(bytes)).catch(() => this.end());
    };
    carrier.onclose = () => {
      // What came before the end is taken first.
      this.incoming = this.incoming.then(() => this.end());
    };
  }

  get isOver(): boolean {
    return this.over;
  }

  close(): void {
    this.end();
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.carrier.onmessage = this.carrier.onclose = null;
    this.carrier.close();
    const error = new ConnectionOver('The connection is over.');
    for (const stream of this.streams.values()) {
      stream.waiting.forEach((go) => go());
      stream.events.reset(error);
    }
    this.streams.clear();
    this.closing();
  }

  private post(frame: Frame): Promise<void> {
    this.outgoing = this.outgoing.then(async () => {
      if (this.over) return;
      if (this.sent >= REKEY_MESSAGES || this.now() - this.keyedAt > REKEY_MS) {
        const rekey = encode({ kind: FRAME.rekey, stream: 0, body: new Uint8Array() });
        this.carrier.send(await this.sealed.sending.seal(rekey));
        await this.sealed.sending.rekey();
        [this.sent, this.keyedAt] = [0, this.now()];
      }
      this.sent++;
      const message = await this.sealed.sending.seal(encode(frame));
      if (!this.over) this.carrier.send(message);
    }).catch(() => this.end());
    return this.outgoing;
  }

  private async receive(bytes: Bytes): Promise<void> {
    if (this.over) return;
    const frame = parse(await this.sealed.receiving.open(bytes));
    switch (frame.kind) {
      case FRAME.ping:
        void this.post({ kind: FRAME.pong, stream: 0, body: frame.body });
        return;
      case FRAME.rekey:
        return this.sealed.receiving.rekey();
      case FRAME.bye:
        this.bye = frame.body[0] ?? BYE.broken;
        return this.end();
      case FRAME.request:
        throw new RangeError('The host opened a stream.');
      default:
        this.deliver(frame);
    }
  }

  private deliver(frame: Required<Frame>): void {
    const stream = this.streams.get(frame.stream);
    if (!stream) {
      if (frame.stream >= this.next || frame.stream % 2 === 0) throw new RangeError('A stream that was never opened.');
      return;
    }
    if (frame.kind === FRAME.credit) {
      stream.credit += new DataView(frame.body.buffer, frame.body.byteOffset).getUint32(0);
      stream.waiting.splice(0).forEach((go) => go());
      return;
    }
    if (frame.kind === FRAME.reset) {
      this.streams.delete(frame.stream);
      stream.waiting.forEach((go) => go());
      return stream.events.reset(new ConnectionOver('The gateway ended this at once.'));
    }
    // The end alone is free.
    if (!frame.end || frame.body.length > 0) this.giveBack(frame.stream, stream, cost(frame.body.length));
    stream.begun.push(frame.body);
    if (!frame.more) {
      const body = concat(...stream.begun.splice(0));
      if (frame.kind === FRAME.response) stream.events.response(JSON.parse(fromUtf8(body)) as ResponseHead);
      else if (body.length > 0 || !frame.end) stream.events.message(body, frame.kind === FRAME.text);
    }
    if (frame.end) {
      this.streams.delete(frame.stream);
      stream.events.end();
    }
  }

  /** Everything is consumed as it comes: a page keeps what it is sent. */
  private giveBack(id: number, stream: Open, length: number): void {
    stream.consumed += length;
    if (stream.consumed < WINDOW / 4) return;
    const body = new Uint8Array(4);
    new DataView(body.buffer).setUint32(0, stream.consumed);
    stream.consumed = 0;
    void this.post({ kind: FRAME.credit, stream: id, body });
  }

  /** Opens a stream. `end`: there is no body. */
  open(head: RequestHead, end: boolean, events: StreamEvents): Stream {
    if (this.over) throw new ConnectionOver('The connection is over.');
    const id = this.next;
    this.next += 2;
    const body = utf8(JSON.stringify(head));
    const open: Open = { events, credit: WINDOW - cost(body.length), waiting: [], begun: [], consumed: 0 };
    this.streams.set(id, open);
    void this.post({ kind: FRAME.request, stream: id, body, end });
    return {
      send: (message, isText) => this.sendOn(id, open, message, isText),
      finish: () => {
        if (this.streams.has(id)) void this.post({ kind: FRAME.bytes, stream: id, body: new Uint8Array(), end: true });
      },
      cancel: () => {
        if (!this.streams.delete(id)) return;
        const reason = new Uint8Array([0, 1]);
        void this.post({ kind: FRAME.reset, stream: id, body: reason });
      },
    };
  }

  private async sendOn(id: number, open: Open, message: Bytes, isText: boolean): Promise<void> {
    let at = 0;
    do {
      const length = Math.min(message.length - at, LARGEST_BODY);
      const price = cost(length);
      while (open.credit < price) {
        await new Promise<void>((go) => open.waiting.push(go));
        if (this.over || !this.streams.has(id)) throw new ConnectionOver('The stream is over.');
      }
      open.credit -= price;
      const body = message.subarray(at, at + length);
      at += length;
      void this.post({ kind: isText ? FRAME.text : FRAME.bytes, stream: id, body, more: at < message.length });
    } while (at < message.length);
  }

  /** One request and its whole answer, as `fetch` would. */
  fetch(path: string, init: { method?: string; headers?: Record<string, string>; body?: string | null; signal?: AbortSignal | null } = {}): Promise<Response> {
    return new Promise((resolve, reject) => {
      const parts: Bytes[] = [];
      let head: ResponseHead | null = null;
      const request: RequestHead = { method: init.method ?? 'GET', path, headers: init.headers ?? {} };
      const stream = this.open(request, !init.body, {
        response: (response) => (head = response),
        message: (body) => parts.push(body),
        end: () => {
          if (!head) return reject(new ConnectionOver('The answer broke off.'));
          const empty = head.status === 204 || head.status === 304;
          resolve(new Response(empty ? null : concat(...parts), { status: head.status, headers: head.headers as Record<string, string> }));
        },
        reset: reject,
      });
      init.signal?.addEventListener('abort', () => {
        stream.cancel();
        reject(init.signal?.reason as Error);
      });
      if (init.body) stream.send(utf8(init.body), false).then(stream.finish, reject);
    });
  }
}
