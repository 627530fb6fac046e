// A device's link to its host: whichever path works, one connection at a time.
import type { Socket } from '../live.ts';
import type { SessionAnswer, SessionHello, SignedPaths } from '../types.gen.ts';
import { fromBase64, fromUtf8, utf8 } from './bytes.ts';
import { Connection } from './connection.ts';
import { NEWEST, NoAnswer, NotLetIn, shake, type Dial } from './dial.ts';
import { BYE } from './frame.ts';
import { OtherVersion, type PathName } from './noise.ts';
import { verifyPaths } from './paths.ts';
import type { KnownHost, Vault } from './vault.ts';

/** A way to the host. */
export interface Way {
  kind: PathName;
  url: string;
}

export interface LinkEvents {
  /** The way that is in use now; none while there is none. */
  way(way: Way | null): void;
  /** What was tried without success, each with why. */
  tried(tried: { way: Way; error: unknown }[]): void;
  /** The host speaks no version of the link that is spoken here. `older`: which of the two is behind. */
  apart?(older: 'page' | 'gateway'): void;
}

/** A later way is tried when the one before has not answered by then. */
const HEAD_START_MS = 300;
const LOCKED = 4401;
const LOST = 1006;

const uuidBytes = (id: string) => Uint8Array.from(id.replaceAll('-', '').match(/../g) ?? [], (hex) => Number.parseInt(hex, 16));

export class Link {
  private current: Promise<Connection> | null = null;

  constructor(
    private host: KnownHost,
    private readonly vault: Vault,
    private readonly dial: Dial,
    private readonly origin: string,
    private readonly build: string,
    private readonly events: LinkEvents = { way: () => undefined, tried: () => undefined },
  ) {}

  get known(): KnownHost {
    return this.host;
  }

  /** The ways this page can reach, best first. A page of another origin can't reach an address in a network: its certificate is our own. */
  async ways(): Promise<Way[]> {
    const own: Way = { kind: this.host.path, url: this.origin };
    if (this.host.path === 'local') return [own];
    const record = this.host.paths && this.host.signingKey
      ? await verifyPaths(this.host.paths, fromBase64(this.host.signingKey), this.host.hostId)
      : null;
    const listed = (record?.paths ?? []).filter((path) => path.url !== this.origin && path.kind !== 'lan' && path.kind !== 'local');
    const current = !record || record.paths.some((path) => path.url === this.origin);
    // An origin that is not listed any more may still be the only one that answers.
    return current ? [own, ...listed] : [...listed, own];
  }

  /** Takes a newer record of where the host is; false when it is none, or not from this host. */
  async adopt(paths: SignedPaths): Promise<boolean> {
    if (!this.host.signingKey) return false;
    const key = fromBase64(this.host.signingKey);
    const record = await verifyPaths(paths, key, this.host.hostId);
    if (!record) return false;
    const known = this.host.paths ? await verifyPaths(this.host.paths, key, this.host.hostId) : null;
    if (known && known.issued >= record.issued) return true;
    this.host = { ...this.host, paths };
    await this.vault.put(this.host);
    return true;
  }

  /** The connection, made if there is none. */
  connection(): Promise<Connection> {
    if (!this.current) {
      const made = this.race();
      this.current = made;
      const forget = () => {
        if (this.current === made) this.current = null;
      };
      made.then((connection) => connection.closed.then(() => {
        forget();
        if (!this.current) this.events.way(null);
      }), forget);
    }
    return this.current;
  }

  private async race(): Promise<Connection> {
    const ways = await this.ways();
    const tried: { way: Way; error: unknown }[] = [];
    const stop = new AbortController();
    try {
      return await new Promise<Connection>((resolve, reject) => {
        let waiting = ways.length;
        let next = 0;
        const start = () => {
          const way = ways[next++];
          if (!way || stop.signal.aborted) return;
          const timer = setTimeout(start, HEAD_START_MS);
          this.connect(way, stop.signal).then((connection) => {
            clearTimeout(timer);
            if (stop.signal.aborted) return connection.close();
            stop.abort();
            this.events.way(way);
            resolve(connection);
          }, (error: unknown) => {
            clearTimeout(timer);
            if (stop.signal.aborted) return;
            tried.push({ way, error });
            if (--waiting === 0) reject(error as Error);
            start();
          });
        };
        start();
      });
    } catch (error) {
      const apart = tried.map(({ error }) => error).find((one) => one instanceof OtherVersion);
      if (apart) this.events.apart?.(apart.lowest > NEWEST ? 'page' : 'gateway');
      // Somebody who answers and does not let us in tells more than somebody who does not answer.
      throw tried.find(({ error }) => error instanceof NotLetIn || error instanceof OtherVersion)?.error ?? error;
    } finally {
      this.events.tried(tried);
    }
  }

  private async connect(way: Way, abort: AbortSignal): Promise<Connection> {
    const keys = { own: this.host.own, host: fromBase64(this.host.hostKey), shared: this.host.secret };
    const kind = { kind: 'session', host: uuidBytes(this.host.hostId) } as const;
    const hello: SessionHello = { newest: NEWEST, build: this.build };
    const [carrier, finished] = await shake(this.dial, way.url, kind, way.kind, keys, () => utf8(JSON.stringify(hello)), abort);
    const answer = JSON.parse(fromUtf8(finished.payload)) as SessionAnswer;
    if (answer.paths) await this.adopt(answer.paths);
    if (this.host.waiting || this.host.hostName !== answer.host.name) {
      this.host = { ...this.host, waiting: false, hostName: answer.host.name };
      await this.vault.put(this.host);
    }
    return new Connection(carrier, finished);
  }

  /** As the browser's `fetch`, for the API. */
  readonly fetch = async (input: string, init?: RequestInit): Promise<Response> => {
    const connection = await this.connection();
    return connection.fetch(input, {
      method: init?.method ?? 'GET',
      headers: (init?.headers ?? {}) as Record<string, string>,
      body: (init?.body ?? null) as string | null,
      signal: init?.signal ?? null,
    });
  };

  /** As a WebSocket, for the live messages. Closing it gives the connection up: whoever closes it has stopped believing in it. */
  readonly socket = (): Socket => {
    let sendOn: ((text: string) => void) | null = null;
    let connection: Connection | null = null;
    const socket: Socket = {
      binaryType: 'arraybuffer', readyState: 0, onopen: null, onmessage: null, onclose: null,
      send: (text) => sendOn?.(text),
      close: () => {
        socket.readyState = 3;
        connection?.close();
      },
    };
    const closed = (code: number) => {
      if (socket.readyState === 3) return;
      socket.readyState = 3;
      socket.onclose?.({ code });
    };
    this.connection().then((made) => {
      // Given up while it was being made: others may want it.
      if (socket.readyState === 3) return;
      connection = made;
      const lost = () => closed(made.bye === BYE.noLongerWelcome ? LOCKED : LOST);
      const stream = made.open({ method: 'GET', path: '/api/v1/live', headers: {} }, false, {
        response: () => {
          sendOn = (text) => void stream.send(utf8(text), true).catch(lost);
          socket.readyState = 1;
          socket.onopen?.();
        },
        message: (body, isText) => socket.onmessage?.({ data: isText ? fromUtf8(body) : body.buffer.slice(body.byteOffset, body.byteOffset + body.length) }),
        end: lost,
        reset: lost,
      });
    }).catch((error: unknown) => closed(error instanceof NotLetIn ? LOCKED : LOST));
    return socket;
  };
}

export { NoAnswer, NotLetIn };
