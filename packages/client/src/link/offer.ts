// What a scanned code holds; see docs/link.md.
import { decodeCBOR } from '@levischuck/tiny-cbor';
import type { DeviceRole } from '../types.gen.ts';
import { fromBase64, type Bytes } from './bytes.ts';
import { PATHS, type PathName } from './noise.ts';

/** An invitation to pair, from a scanned code or from an address of this machine. */
export interface Offer {
  id: Bytes;
  secret: Bytes;
  hostKey: Bytes;
  /** How this page comes to the host. */
  path: PathName;
  /** Where the host is; the first is this page's own origin. Empty on this machine. */
  paths: { kind: PathName; url: string }[];
  hostName: string;
  role: DeviceRole;
  /** Unix seconds; none on this machine, where the gateway counts alone. */
  expires: number | null;
}

const bytes = (value: unknown, length: number): Bytes => {
  if (!(value instanceof Uint8Array) || value.length !== length) throw new Error('no pairing code');
  return Uint8Array.from(value);
};
const text = (value: unknown): string => {
  if (typeof value !== 'string') throw new Error('no pairing code');
  return value;
};

function path(value: unknown): { kind: PathName; url: string } {
  if (!Array.isArray(value)) throw new Error('no pairing code');
  const kind = (Object.keys(PATHS) as PathName[]).find((name) => PATHS[name] === value[0]);
  const url = text(value[1]);
  if (!kind || !/^https:\/\/[\w.:[\]-]+$/.test(url)) throw new Error('no pairing code');
  return { kind, url };
}

/** The offer after `#1.`; throws when it is none. */
export function decodeOffer(code: string): Offer {
  const raw = fromBase64(code);
  const value = decodeCBOR(raw);
  if (!Array.isArray(value) || value.length !== 8 || value[0] !== 1 || !Array.isArray(value[5])) throw new Error('no pairing code');
  const paths = value[5].map(path);
  const role = text(value[7]);
  if (!paths[0] || !['viewer', 'operator', 'admin'].includes(role)) throw new Error('no pairing code');
  return {
    hostKey: bytes(value[1], 32), id: bytes(value[2], 8), secret: bytes(value[3], 32), expires: Number(value[4]),
    paths, path: paths[0].kind, hostName: text(value[6]), role: role as DeviceRole,
  };
}

/** The one-time code of a page on this machine, after `#c=`; throws when it is none. */
export function decodeLocalCode(code: string): Offer {
  const raw = fromBase64(code);
  if (raw.length !== 72) throw new Error('no code');
  return {
    id: raw.slice(0, 8), secret: raw.slice(8, 40), hostKey: raw.slice(40), path: 'local', paths: [], hostName: '', role: 'admin', expires: null,
  };
}
