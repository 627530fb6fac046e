// A gateway's end of the link, in the test's hand: it shakes hands as a host does and answers what it is told to.
import { concat, fromUtf8, toBase64, utf8, type Bytes } from '../src/link/bytes.ts';
import type { Dial, RawSocket } from '../src/link/dial.ts';
import { FRAME, encode, parse, type Frame } from '../src/link/frame.ts';
import { Cipher, PATHS, type PathName } from '../src/link/noise.ts';
import type { KnownHost, Vault } from '../src/link/vault.ts';
import type { Paths, SignedPaths } from '../src/types.gen.ts';

const raw = async (key: CryptoKey): Promise<Bytes> => new Uint8Array(await crypto.subtle.exportKey('raw', key));
const sha = async (...parts: Uint8Array[]): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)));

async function hkdf(chaining: Bytes, input: Bytes): Promise<Bytes[]> {
  const hmac = async (key: Bytes, data: Bytes): Promise<Bytes> => {
    const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data));
  };
  const secret = await hmac(chaining, input);
  const first = await hmac(secret, Uint8Array.of(1));
  const second = await hmac(secret, concat(first, Uint8Array.of(2)));
  return [first, second, await hmac(secret, concat(second, Uint8Array.of(3)))];
}

async function agree(own: CryptoKey, other: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', other, 'X25519', false, []);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: key }, own, 256));
}

const pairOf = async () => (await crypto.subtle.generateKey({ name: 'X25519' }, true, ['deriveBits'])) as CryptoKeyPair;
const HOST_ID = '0190d1a0-0000-7000-8000-000000000001';
const uuid = Uint8Array.from(HOST_ID.replaceAll('-', '').match(/../g)!, (hex) => Number.parseInt(hex, 16));

/** What stands at an address: the gateway, nobody, or somebody who sends everyone away. */
export type Stands = 'gateway' | 'nobody' | 'refuses' | 'silent';

export class Gateway {
  readonly at = new Map<string, Stands>();
  readonly dialled: string[] = [];
  /** Connections that are open, by address. */
  readonly open: { url: string; send: (frame: Frame) => Promise<void>; cut: () => void }[] = [];
  paths: SignedPaths | null = null;

  private constructor(
    private readonly key: CryptoKeyPair, private readonly signing: CryptoKeyPair, private readonly secret: Bytes,
  ) {}

  static async start(): Promise<Gateway> {
    const signing = (await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])) as CryptoKeyPair;
    return new Gateway(await pairOf(), signing, crypto.getRandomValues(new Uint8Array(32)));
  }

  async sign(issued: number, ...urls: [PathName, string][]): Promise<SignedPaths> {
    const paths: Paths = { host: HOST_ID, issued, paths: urls.map(([kind, url]) => ({ kind, url })) };
    const record = JSON.stringify(paths);
    const signature = await crypto.subtle.sign({ name: 'Ed25519' }, this.signing.privateKey, utf8(`offdesk paths\0${record}`));
    return { record, signature: toBase64(new Uint8Array(signature)) };
  }

  /** What a phone that was paired here knows. */
  async known(path: PathName, paths: SignedPaths | null): Promise<KnownHost> {
    return {
      hostKey: toBase64(await raw(this.key.publicKey)), hostId: HOST_ID, hostName: 'desk', signingKey: toBase64(await raw(this.signing.publicKey)),
      device: 'd', secret: this.secret, role: 'admin', own: await pairOf(), signing: this.signing, path, paths, waiting: false, usedAt: 0,
    };
  }

  /** How pages reach it. */
  readonly dial: Dial = (url) => {
    const origin = url.replace(/^ws/, 'http').replace(/\/link$/, '');
    this.dialled.push(origin);
    const socket: RawSocket & { closed: boolean } = {
      binaryType: '', onopen: null, onmessage: null, onclose: null, closed: false,
      send: (message) => void serve(message),
      close: () => (socket.closed = true),
    };
    const stands = this.at.get(origin) ?? 'nobody';
    const says = (bytes: Bytes) => socket.onmessage?.({ data: bytes.buffer });
    let handle: ((bytes: Bytes) => Promise<void>) | null = null;
    const serve = async (message: Bytes) => {
      if (handle) return handle(message);
      if (stands === 'refuses') return socket.onclose?.({ code: 4403 });
      if (stands === 'silent') return;
      handle = await this.welcome(origin, message, says, () => socket.onclose?.({ code: 1006 }));
    };
    queueMicrotask(() => (stands === 'nobody' ? socket.onclose?.({ code: 1006 }) : socket.onopen?.()));
    return socket;
  };

  private async welcome(origin: string, first: Bytes, says: (bytes: Bytes) => void, cut: () => void) {
    let digest = utf8('Noise_IKpsk2_25519_AESGCM_SHA256');
    let chaining: Bytes = digest;
    let cipher!: Cipher;
    const mixHash = async (data: Bytes) => (digest = await sha(digest, data));
    const mixKey = async (input: Bytes) => {
      const [next, key] = await hkdf(chaining, input);
      chaining = next!;
      cipher = await Cipher.of(key!);
    };
    const opened = async (sealed: Bytes) => {
      const plain = await cipher.open(sealed, digest);
      await mixHash(sealed);
      return plain;
    };
    const kind: PathName = /^https:\/\/\d/.test(origin) ? 'lan' : 'edge';
    await mixHash(concat(utf8('offdesk link'), Uint8Array.of(0, 1, 2, PATHS[kind]), uuid));
    await mixHash(await raw(this.key.publicKey));
    const theirs = first.slice(2, 34);
    await mixHash(theirs);
    await mixKey(theirs);
    await mixKey(await agree(this.key.privateKey, theirs));
    const page = await opened(first.slice(34, 82));
    await mixKey(await agree(this.key.privateKey, page));
    await opened(first.slice(82));
    const once = await pairOf();
    const ours = await raw(once.publicKey);
    await mixHash(ours);
    await mixKey(ours);
    await mixKey(await agree(once.privateKey, theirs));
    await mixKey(await agree(once.privateKey, page));
    const [next, mixed, key] = await hkdf(chaining, this.secret);
    chaining = next!;
    await mixHash(mixed!);
    cipher = await Cipher.of(key!);
    const words = utf8(JSON.stringify({ host: { id: HOST_ID, name: 'desk', signingKey: null }, paths: this.paths }));
    const sealed = await cipher.seal(words, digest);
    const [up, down] = await hkdf(chaining, new Uint8Array());
    const [receiving, sending] = [await Cipher.of(up!), await Cipher.of(down!)];
    const send = async (frame: Frame) => says(await sending.seal(encode(frame)));
    this.open.push({ url: origin, send, cut });
    says(concat(Uint8Array.of(0), ours, sealed));
    return async (message: Bytes) => {
      const frame = parse(await receiving.open(message));
      if (frame.kind !== FRAME.request) return;
      const head = JSON.parse(fromUtf8(frame.body)) as { path: string };
      const live = head.path === '/api/v1/live';
      const answer = utf8(JSON.stringify({ status: live ? 101 : 200, headers: { 'content-type': 'application/json' } }));
      await send({ kind: FRAME.response, stream: frame.stream, body: answer });
      if (!live) await send({ kind: FRAME.bytes, stream: frame.stream, body: utf8(JSON.stringify({ by: origin })), end: true });
    };
  }
}

/** A page's storage. */
export function vault(): Vault & { kept: KnownHost[] } {
  const kept: KnownHost[] = [];
  return {
    kept,
    list: async () => [...kept],
    put: async (host) => {
      const at = kept.findIndex((one) => one.hostKey === host.hostKey);
      if (at < 0) kept.push(host);
      else kept[at] = host;
    },
    remove: async (hostKey) => void kept.splice(kept.findIndex((one) => one.hostKey === hostKey), 1),
  };
}
