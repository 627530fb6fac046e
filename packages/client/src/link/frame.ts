// Frames: what one sealed message holds; see docs/link.md.
import type { Bytes } from './bytes.ts';

const BUCKETS = [256, 1024, 4096, 16 * 1024, 60 * 1024];
const HEADER = 10;
export const LARGEST_BODY = 60 * 1024 - HEADER;

export const FRAME = {
  request: 1, response: 2, text: 3, bytes: 4, credit: 5, reset: 6, ping: 7, pong: 8, bye: 9, rekey: 10,
} as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** Why a connection ends. */
export const BYE = { restarting: 1, noLongerWelcome: 2, renew: 3, broken: 4, idle: 5 } as const;

export interface Frame {
  kind: FrameKind;
  stream: number;
  body: Uint8Array;
  more?: boolean;
  end?: boolean;
}

/** What a frame of this length costs of its stream's credit: its room, so that many small ones are not for nothing. */
export function cost(length: number): number {
  return (BUCKETS.find((bucket) => bucket >= HEADER + length) ?? HEADER + length) - HEADER;
}

export function encode(frame: Frame): Bytes {
  const used = HEADER + frame.body.length;
  const size = BUCKETS.find((bucket) => bucket >= used);
  if (size === undefined) throw new RangeError('A frame is too large.');
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes[0] = frame.kind;
  bytes[1] = (frame.more ? 1 : 0) | (frame.end ? 2 : 0);
  view.setUint32(2, frame.stream);
  view.setUint32(6, frame.body.length);
  bytes.set(frame.body, HEADER);
  return bytes;
}

/** Throws when it is no frame. */
export function parse(plain: Bytes): Required<Frame> {
  if (!BUCKETS.includes(plain.length)) throw new RangeError('A frame of a size that does not exist.');
  const view = new DataView(plain.buffer, plain.byteOffset, plain.length);
  const [kind, flags] = [plain[0]!, plain[1]!];
  const [stream, length] = [view.getUint32(2), view.getUint32(6)];
  const size = BUCKETS.find((bucket) => bucket >= HEADER + length);
  if (kind < 1 || kind > 10 || flags > 2 || size !== plain.length) throw new RangeError('That is no frame.');
  if (kind >= FRAME.ping !== (stream === 0)) throw new RangeError('A frame on the wrong stream.');
  const body = plain.subarray(HEADER, HEADER + length);
  return { kind: kind as FrameKind, stream, body, more: (flags & 1) !== 0, end: (flags & 2) !== 0 };
}
