// A handshake over a WebSocket.
import type { Bytes } from './bytes.ts';
import type { Carrier } from './connection.ts';
import { Handshake, OtherVersion, type Finished, type Keys, type Kind, type PathName } from './noise.ts';

/** Versions of the link spoken here, newest first. */
export const VERSIONS = [1] as const;
export const NEWEST = VERSIONS[0];

/** The gateway is there and does not let this device in. It does not say why. */
export class NotLetIn extends Error {}

/** Nobody answers there; or somebody answered elsewhere before. */
export class NoAnswer extends Error {
  constructor(message: string, readonly kind: 'silent' | 'late' | 'quicker' = 'silent') {
    super(message);
  }
}

/** What this needs of a WebSocket. */
export interface RawSocket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: Bytes): void;
  close(): void;
}
export type Dial = (url: string) => RawSocket;

export const dialBrowser: Dial = (url) => new WebSocket(url) as unknown as RawSocket;

const REFUSED = 4403;
const PATIENCE_MS = 8_000;

/** Where the link of an origin is. */
export const linkUrl = (origin: string) => `${origin.replace(/^http/, 'ws')}/link`;

/** Shakes hands; gives the sealed carrier. */
export async function shake(
  dial: Dial, origin: string, kind: Kind, path: PathName, keys: Keys, payload: (version: number) => Bytes, abort?: AbortSignal,
): Promise<[Carrier, Finished]> {
  let version: number = NEWEST;
  for (;;) {
    try {
      return await shakeAs(version, dial, origin, kind, path, keys, payload(version), abort);
    } catch (error) {
      const lower = error instanceof OtherVersion ? VERSIONS.find((known) => known < version && known <= error.highest && known >= error.lowest) : undefined;
      if (lower === undefined) throw error;
      version = lower;
    }
  }
}

async function shakeAs(
  version: number, dial: Dial, origin: string, kind: Kind, path: PathName, keys: Keys, payload: Bytes, abort?: AbortSignal,
): Promise<[Carrier, Finished]> {
  const [handshake, first] = await Handshake.begin(version, kind, path, keys, payload);
  const socket = dial(linkUrl(origin));
  socket.binaryType = 'arraybuffer';
  return new Promise((resolve, reject) => {
    let made = false;
    const fail = (error: Error) => {
      if (made) return;
      clearTimeout(timer);
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
      reject(error);
    };
    const timer = setTimeout(() => fail(new NoAnswer('The gateway did not answer in time.', 'late')), PATIENCE_MS);
    abort?.addEventListener('abort', () => fail(new NoAnswer('Another way was quicker.', 'quicker')));
    socket.onopen = () => socket.send(first);
    socket.onclose = ({ code }) => fail(code === REFUSED ? new NotLetIn('The gateway does not let this device in.') : new NoAnswer('The gateway does not answer.'));
    socket.onmessage = ({ data }) => {
      // What comes while the handshake is computed belongs to the connection.
      const early: Bytes[] = [];
      let ended: number | null = null;
      socket.onmessage = ({ data }) => early.push(new Uint8Array(data as ArrayBuffer));
      socket.onclose = ({ code }) => (ended = code);
      handshake.finish(new Uint8Array(data as ArrayBuffer)).then((finished) => {
        clearTimeout(timer);
        made = true;
        const carrier: Carrier = {
          onmessage: null, onclose: null,
          send: (message) => socket.send(message),
          close: () => socket.close(),
        };
        socket.onmessage = ({ data }) => carrier.onmessage?.(new Uint8Array(data as ArrayBuffer));
        socket.onclose = ({ code }) => carrier.onclose?.(code);
        resolve([carrier, finished]);
        queueMicrotask(() => {
          for (const message of early) carrier.onmessage?.(message);
          if (ended !== null) carrier.onclose?.(ended);
        });
      }, fail);
    };
  });
}
