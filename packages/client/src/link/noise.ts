// The Noise handshake (IKpsk1 and IKpsk2, 25519, AESGCM, SHA256) of the side that calls, on WebCrypto. The names are
// those of the specification, https://noiseprotocol.org/noise.html; docs/link.md says what goes into it.
import { concat, utf8, type Bytes } from './bytes.ts';

/** A handshake did not come to its end: another host, another key, or changed on its way. */
export class HandshakeFailed extends Error {}

/** The other side speaks other versions. */
export class OtherVersion extends Error {
  constructor(readonly lowest: number, readonly highest: number) {
    super(`The gateway speaks versions ${lowest} to ${highest} of the link.`);
  }
}

export type Kind = { kind: 'pairing'; offer: Bytes } | { kind: 'session'; host: Bytes };

/** As `docs/link.md` numbers them. */
export const PATHS = { local: 1, lan: 2, edge: 3, relay: 4 } as const;
export type PathName = keyof typeof PATHS;

export interface Keys {
  /** Our own long-term pair. */
  own: CryptoKeyPair;
  /** The host's long-term public key. */
  host: Bytes;
  /** What both know. */
  shared: Bytes;
}

const X25519 = { name: 'X25519' };
const EMPTY: Bytes = new Uint8Array();

const hash = async (...parts: Uint8Array[]): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)));
const rawPublic = async (key: CryptoKey): Promise<Bytes> => new Uint8Array(await crypto.subtle.exportKey('raw', key));

async function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data));
}

async function hkdf(chaining: Bytes, input: Bytes): Promise<[Bytes, Bytes, Bytes]> {
  const secret = await hmac(chaining, input);
  const first = await hmac(secret, new Uint8Array([1]));
  const second = await hmac(secret, concat(first, new Uint8Array([2])));
  const third = await hmac(secret, concat(second, new Uint8Array([3])));
  return [first, second, third];
}

async function agree(own: CryptoKey, other: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', other, X25519, false, []);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: imported }, own, 256));
}

function nonce(counter: bigint): Bytes {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setBigUint64(4, counter);
  return iv;
}

const LAST_COUNTER = 0xffff_ffff_ffff_ffffn;

/** One direction: a key and a counter. */
export class Cipher {
  private counter = 0n;

  private constructor(private key: CryptoKey) {}

  static async of(key: Bytes): Promise<Cipher> {
    return new Cipher(await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']));
  }

  async seal(plain: Bytes, about: Bytes = EMPTY): Promise<Bytes> {
    const iv = nonce(this.counter++);
    return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: about }, this.key, plain));
  }

  /** Throws when it is not the next message as it was sealed. */
  async open(sealed: Bytes, about: Bytes = EMPTY): Promise<Bytes> {
    const iv = nonce(this.counter++);
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: about }, this.key, sealed));
  }

  /** Goes on with the next key. */
  async rekey(): Promise<void> {
    const made = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce(LAST_COUNTER) }, this.key, new Uint8Array(32));
    this.key = await crypto.subtle.importKey('raw', made.slice(0, 32), 'AES-GCM', false, ['encrypt', 'decrypt']);
  }
}

/** A finished handshake. */
export interface Finished {
  sending: Cipher;
  receiving: Cipher;
  hash: Bytes;
  payload: Bytes;
}

export class Handshake {
  private chaining: Bytes;
  private cipher: Cipher | null = null;

  private constructor(
    private readonly kind: Kind['kind'],
    private readonly keys: Keys,
    private readonly ephemeral: CryptoKeyPair,
    private digest: Bytes,
  ) {
    this.chaining = digest;
  }

  /** Begins: the handshake and its first message. The payload travels without forward secrecy. */
  static async begin(
    version: number, kind: Kind, path: PathName, keys: Keys, payload: Bytes, ephemeral?: CryptoKeyPair,
  ): Promise<[Handshake, Bytes]> {
    const number = kind.kind === 'pairing' ? 1 : 2;
    const id = kind.kind === 'pairing' ? kind.offer : kind.host;
    const once = ephemeral ?? ((await crypto.subtle.generateKey(X25519, false, ['deriveBits'])) as CryptoKeyPair);
    const noise = new Handshake(kind.kind, keys, once, utf8(`Noise_IKpsk${number}_25519_AESGCM_SHA256`));
    await noise.mixHash(concat(utf8('offdesk link'), new Uint8Array([0, version, number, PATHS[path]]), id));
    await noise.mixHash(keys.host);
    const own = await rawPublic(once.publicKey);
    await noise.mixHash(own);
    await noise.mixKey(own);
    await noise.mixKey(await agree(once.privateKey, keys.host));
    const known = await noise.seal(await rawPublic(keys.own.publicKey));
    await noise.mixKey(await agree(keys.own.privateKey, keys.host));
    if (kind.kind === 'pairing') await noise.mixKeyAndHash(keys.shared);
    const words = await noise.seal(payload);
    const clear = new Uint8Array([version, number]);
    const message = concat(clear, kind.kind === 'pairing' ? kind.offer : EMPTY, own, known, words);
    return [noise, message];
  }

  /** Takes the host's answer. */
  async finish(answer: Bytes): Promise<Finished> {
    if (answer.length === 3 && answer[0] === 1) throw new OtherVersion(answer[1]!, answer[2]!);
    if (answer.length < 33 || answer[0] !== 0) throw new HandshakeFailed('The gateway answered something else.');
    try {
      const other = answer.slice(1, 33);
      await this.mixHash(other);
      await this.mixKey(other);
      await this.mixKey(await agree(this.ephemeral.privateKey, other));
      await this.mixKey(await agree(this.keys.own.privateKey, other));
      if (this.kind === 'session') await this.mixKeyAndHash(this.keys.shared);
      const payload = await this.open(answer.slice(33));
      const [sending, receiving] = await hkdf(this.chaining, EMPTY);
      return { sending: await Cipher.of(sending), receiving: await Cipher.of(receiving), hash: this.digest, payload };
    } catch (cause) {
      throw new HandshakeFailed('The gateway is not the one this device was paired with.', { cause });
    }
  }

  private async mixHash(data: Bytes): Promise<void> {
    this.digest = await hash(this.digest, data);
  }

  private async mixKey(input: Bytes): Promise<void> {
    const [chaining, key] = await hkdf(this.chaining, input);
    this.chaining = chaining;
    this.cipher = await Cipher.of(key);
  }

  private async mixKeyAndHash(input: Bytes): Promise<void> {
    const [chaining, mixed, key] = await hkdf(this.chaining, input);
    this.chaining = chaining;
    await this.mixHash(mixed);
    this.cipher = await Cipher.of(key);
  }

  private async seal(plain: Bytes): Promise<Bytes> {
    const sealed = await this.cipher!.seal(plain, this.digest);
    await this.mixHash(sealed);
    return sealed;
  }

  private async open(sealed: Bytes): Promise<Bytes> {
    const plain = await this.cipher!.open(sealed, this.digest);
    await this.mixHash(sealed);
    return plain;
  }
}

/** The six digits that both screens show. */
export async function digits(handshake: Bytes): Promise<string> {
  const key = await crypto.subtle.importKey('raw', handshake, 'HKDF', false, ['deriveBits']);
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: EMPTY, info: utf8('offdesk link digits') };
  const bits = await crypto.subtle.deriveBits(algorithm, key, 64);
  return String(new DataView(bits).getBigUint64(0) % 1_000_000n).padStart(6, '0');
}
