// Where a host says it can be reached; see docs/link.md.
import type { Paths, SignedPaths } from '../types.gen.ts';
import { fromBase64, utf8, type Bytes } from './bytes.ts';

/** The record, if the host's key signed it and it is about that host; else nothing. */
export async function verifyPaths(signed: SignedPaths, signingKey: Bytes, host: string): Promise<Paths | null> {
  try {
    const key = await crypto.subtle.importKey('raw', signingKey, { name: 'Ed25519' }, false, ['verify']);
    const signature = fromBase64(signed.signature);
    const message = utf8(`offdesk paths\0${signed.record}`);
    if (!(await crypto.subtle.verify({ name: 'Ed25519' }, key, signature, message))) return null;
    const record = JSON.parse(signed.record) as Paths;
    return record.host === host ? record : null;
  } catch {
    return null;
  }
}
