// The twin of crates/link: the same bytes, and a connection over a carrier in the test's hand.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { concat, equal, fromUtf8, utf8, type Bytes } from '../src/link/bytes.ts';
import { Connection, type Carrier } from '../src/link/connection.ts';
import { FRAME, encode, parse, type Frame } from '../src/link/frame.ts';
import { Cipher, Handshake, HandshakeFailed, OtherVersion, digits, type Kind, type PathName } from '../src/link/noise.ts';
import { decodeLocalCode, decodeOffer } from '../src/link/offer.ts';
import { verifyPaths } from '../src/link/paths.ts';

const vectors = JSON.parse(readFileSync(new URL('../../../fixtures/link/vectors.json', import.meta.url), 'utf8'));
const bytes = (base64: string): Bytes => Uint8Array.from(Buffer.from(base64, 'base64'));

/** The key pair of a secret: only tests have one to hold. */
async function pairOf(secret: Bytes): Promise<CryptoKeyPair> {
  const pkcs8 = concat(bytes('MC4CAQAwBQYDK2VuBCIEIA=='), secret);
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']);
  const base = await crypto.subtle.importKey('raw', Uint8Array.of(9, ...new Uint8Array(31)), 'X25519', true, []);
  const raw = await crypto.subtle.deriveBits({ name: 'X25519', public: base }, privateKey, 256);
  return { privateKey, publicKey: await crypto.subtle.importKey('raw', raw, 'X25519', true, []) };
}

const ROUTES: Record<number, PathName> = { 1: 'local', 2: 'lan', 3: 'edge', 4: 'relay' };

async function begin(vector: any): Promise<[Handshake, Bytes]> {
  const id = bytes(vector.id);
  const kind: Kind = vector.name === 'pairing' ? { kind: 'pairing', offer: id } : { kind: 'session', host: id };
  const keys = { own: await pairOf(bytes(vector.pageSecret)), host: bytes(vector.deskPublic), shared: bytes(vector.shared) };
  const once = await pairOf(bytes(vector.pageEphemeral));
  return Handshake.begin(1, kind, ROUTES[vector.path]!, keys, utf8(vector.firstPayload), once);
}

describe.each(vectors.handshakes as any[])('the $name handshake', (vector) => {
  test('makes the bytes the host expects and reads what it answers', async () => {
    const [handshake, first] = await begin(vector);
    expect(equal(first, bytes(vector.first))).toBe(true);
    const finished = await handshake.finish(bytes(vector.second));
    expect(fromUtf8(finished.payload)).toBe(vector.secondPayload);
    expect(equal(finished.hash, bytes(vector.hash))).toBe(true);
    expect(await digits(finished.hash)).toBe(vector.digits);
    const up: Frame = { kind: FRAME.request, stream: 1, body: utf8('{"method":"GET"}'), end: true };
    const rekey: Frame = { kind: FRAME.rekey, stream: 0, body: new Uint8Array() };
    const toSend = [up, rekey, up];
    for (const message of vector.messages) {
      if (message.from === 'page') {
        const frame = toSend.shift()!;
        expect(equal(await finished.sending.seal(encode(frame)), bytes(message.sealed))).toBe(true);
        if (frame.kind === FRAME.rekey) await finished.sending.rekey();
      } else {
        const frame = parse(await finished.receiving.open(bytes(message.sealed)));
        if (frame.kind === FRAME.rekey) await finished.receiving.rekey();
        else expect([frame.kind, frame.more, frame.body.length]).toEqual([FRAME.bytes, true, 300]);
      }
    }
  });

  test('fails when anything of the answer was changed', async () => {
    for (const at of [1, 32, 40, bytes(vector.second).length - 1]) {
      const [handshake] = await begin(vector);
      const changed = bytes(vector.second);
      changed[at]! ^= 1;
      await expect(handshake.finish(changed)).rejects.toThrow(HandshakeFailed);
    }
    const [handshake] = await begin(vector);
    await expect(handshake.finish(Uint8Array.of(1, 3, 4))).rejects.toThrow(OtherVersion);
  });
});

test('a record of paths is believed only from the host itself', async () => {
  const { key, signed, record } = vectors.paths;
  expect(await verifyPaths(signed, bytes(key), record.host)).toEqual(record);
  expect(await verifyPaths(signed, bytes(key), 'another host')).toBeNull();
  expect(await verifyPaths({ ...signed, record: signed.record.replace('brave', 'crave') }, bytes(key), record.host)).toBeNull();
  expect(await verifyPaths(signed, bytes(vectors.offer.hostKey), record.host)).toBeNull();
});

test('codes are read, and what is none is refused', () => {
  const offer = decodeOffer(vectors.offer.text);
  expect([offer.hostName, offer.role, offer.path, offer.expires]).toEqual(['désk', 'admin', 'edge', vectors.offer.expires]);
  expect(equal(offer.hostKey, bytes(vectors.offer.hostKey))).toBe(true);
  expect(equal(decodeLocalCode(vectors.localCode).hostKey, bytes(vectors.offer.hostKey))).toBe(true);
  for (const code of ['', 'x', '!!!', vectors.offer.text.slice(4), vectors.localCode]) expect(() => decodeOffer(code)).toThrow();
  expect(() => decodeLocalCode(vectors.localCode.slice(4))).toThrow();
});

/** The host's end of a carrier. */
class FakeHost {
  readonly carrier: Carrier & { closed: boolean };
  readonly heard: Required<Frame>[] = [];
  private listeners: (() => void)[] = [];
  private reading = Promise.resolve();

  constructor(private readonly sending: Cipher, private readonly receiving: Cipher) {
    const host = this;
    this.carrier = {
      onmessage: null, onclose: null, closed: false,
      send(message) {
        host.reading = host.reading.then(async () => {
          const frame = parse(await host.receiving.open(message));
          if (frame.kind === FRAME.rekey) await host.receiving.rekey();
          else host.heard.push(frame);
          host.listeners.splice(0).forEach((go) => go());
        });
      },
      close() {
        this.closed = true;
      },
    };
  }
  async says(...frames: Frame[]): Promise<void> {
    for (const frame of frames) {
      const sealed = await this.sending.seal(encode(frame));
      if (frame.kind === FRAME.rekey) await this.sending.rekey();
      this.carrier.onmessage?.(sealed);
    }
  }
  async until(what: (heard: Required<Frame>[]) => boolean): Promise<void> {
    while (!what(this.heard)) await new Promise<void>((go) => this.listeners.push(go));
  }
}

async function connected(now?: () => number): Promise<[Connection, FakeHost]> {
  const [up, down] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const host = new FakeHost(await Cipher.of(down), await Cipher.of(up));
  return [new Connection(host.carrier, { sending: await Cipher.of(up), receiving: await Cipher.of(down) }, now), host];
}

const head = (status: number) => utf8(JSON.stringify({ status, headers: { 'content-type': 'application/json' } }));

test('a request is answered like one by fetch', async () => {
  const [connection, host] = await connected();
  const answer = connection.fetch('/api/v1/runs', { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } });
  await host.until((heard) => heard.some((frame) => frame.end));
  expect(JSON.parse(fromUtf8(host.heard[0]!.body))).toMatchObject({ method: 'POST', path: '/api/v1/runs' });
  expect(fromUtf8(host.heard[1]!.body)).toBe('{"a":1}');
  await host.says(
    { kind: FRAME.response, stream: 1, body: head(201) },
    { kind: FRAME.bytes, stream: 1, body: utf8('{"ok"'), more: true },
    { kind: FRAME.bytes, stream: 1, body: utf8(':true}') },
    { kind: FRAME.bytes, stream: 1, body: new Uint8Array(), end: true },
  );
  const response = await answer;
  expect([response.status, await response.json()]).toEqual([201, { ok: true }]);
});

test('a large body waits for credit, and loses nothing', async () => {
  const [connection, host] = await connected();
  const body = 'x'.repeat(700_000);
  void connection.fetch('/api/v1/x', { method: 'POST', body }).catch(() => undefined);
  const got = () => host.heard.slice(1).reduce((sum, frame) => sum + frame.body.length, 0);
  await host.until(() => got() > 200_000);
  await new Promise((go) => setTimeout(go));
  expect(got()).toBeLessThanOrEqual(256 * 1024);
  const more = new Uint8Array(4);
  new DataView(more.buffer).setUint32(0, 250_000);
  await host.says({ kind: FRAME.credit, stream: 1, body: more }, { kind: FRAME.credit, stream: 1, body: more });
  await host.until((heard) => heard.some((frame) => frame.end));
  expect(got()).toBe(700_000);
});

test('what arrives out of order ends everything and answers nothing', async () => {
  const [connection, host] = await connected();
  const answer = connection.fetch('/api/v1/runs');
  await host.until((heard) => heard.length > 0);
  host.carrier.onmessage?.(new Uint8Array(272));
  await expect(answer).rejects.toThrow('over');
  expect(connection.isOver && host.carrier.closed).toBe(true);
  expect(() => connection.open({ method: 'GET', path: '/', headers: {} }, true, null as never)).toThrow();
});

test('keys move on with time, on both sides', async () => {
  let time = 0;
  const [connection, host] = await connected(() => time);
  time = 11 * 60_000;
  void connection.fetch('/api/v1/runs').catch(() => undefined);
  await host.until((heard) => heard.length === 1);
  await host.says({ kind: FRAME.rekey, stream: 0, body: new Uint8Array() }, { kind: FRAME.ping, stream: 0, body: new Uint8Array(8) });
  await host.until((heard) => heard.some((frame) => frame.kind === FRAME.pong));
});

test('the host says why it leaves', async () => {
  const [connection, host] = await connected();
  await host.says({ kind: FRAME.bye, stream: 0, body: Uint8Array.of(2) });
  await connection.closed;
  expect(connection.bye).toBe(2);
});
