// What this page keeps of the hosts it is paired with. Keys are not extractable: not even this page can read them.
import { createStore, del, set, values } from 'idb-keyval';
import type { DeviceRole, SignedPaths } from '../types.gen.ts';
import type { Bytes } from './bytes.ts';
import type { PathName } from './noise.ts';

/** A host, and what this page is to it. */
export interface KnownHost {
  /** The host's long-term public key in base64: what is pinned. */
  hostKey: string;
  hostId: string;
  hostName: string;
  /** The host's Ed25519 public key in base64; none on this machine. */
  signingKey: string | null;
  /** This device's id there. */
  device: string;
  /** What both know. */
  secret: Bytes;
  role: DeviceRole;
  own: CryptoKeyPair;
  signing: CryptoKeyPair;
  /** How this page's own origin leads there. */
  path: PathName;
  /** The newest record of where the host is. */
  paths: SignedPaths | null;
  /** Nobody has said yes yet. */
  waiting: boolean;
  /** When it was last used, in Unix milliseconds. */
  usedAt: number;
}

/** Where they are kept. */
export interface Vault {
  /** Known hosts, last used first. */
  list(): Promise<KnownHost[]>;
  put(host: KnownHost): Promise<void>;
  remove(hostKey: string): Promise<void>;
}

/** The browser's own storage, of this origin alone. */
export function openVault(): Vault {
  const store = createStore('offdesk', 'hosts');
  return {
    list: async () => (await values<KnownHost>(store)).sort((a, b) => b.usedAt - a.usedAt),
    put: async (host) => {
      await set(host.hostKey, host, store);
      // Without this a browser may throw the keys away when it is short of room. It may refuse; then it may.
      await navigator.storage?.persist?.().catch(() => false);
    },
    remove: (hostKey) => del(hostKey, store),
  };
}
