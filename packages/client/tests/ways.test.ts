// Which way a page takes to its host, and how it goes on by another.
import { beforeEach, describe, expect, test } from 'vitest';
import { FRAME } from '../src/link/frame.ts';
import { Link, type Way } from '../src/link/link.ts';
import type { PathName } from '../src/link/noise.ts';
import { Gateway, vault } from './gateway.ts';

const HERE = 'https://here.trycloudflare.com';
const THERE = 'https://there.trycloudflare.com';
const LAN = 'https://192.168.1.7:4478';

let gateway: Gateway;
let used: (string | null)[];
let tried: { way: Way; error: unknown }[];
beforeEach(async () => {
  gateway = await Gateway.start();
  used = [];
  tried = [];
});

async function link(origin: string, path: PathName, ...listed: [PathName, string][]) {
  const paths = listed.length > 0 ? await gateway.sign(1, ...listed) : null;
  const kept = vault();
  const events = { way: (way: Way | null) => used.push(way?.url ?? null), tried: (list: typeof tried) => (tried = list) };
  return { link: new Link(await gateway.known(path, paths), kept, gateway.dial, origin, 'test', events), kept };
}

const by = async (link: Link) => ((await (await link.fetch('/api/v1/runs')).json()) as { by: string }).by;

describe('the way', () => {
  test('is the page’s own address while that works', async () => {
    gateway.at.set(HERE, 'gateway').set(THERE, 'gateway');
    const { link: one } = await link(HERE, 'edge', ['edge', HERE], ['edge', THERE]);
    expect(await by(one)).toBe(HERE);
    expect(gateway.dialled).toEqual([HERE]);
    expect(used).toEqual([HERE]);
  });

  test('is another one when the first does not answer, or answers too slowly', async () => {
    for (const stands of ['nobody', 'silent'] as const) {
      gateway.at.set(HERE, stands).set(THERE, 'gateway');
      const { link: one } = await link(HERE, 'edge', ['edge', HERE], ['edge', THERE]);
      expect(await by(one)).toBe(THERE);
      expect(used.at(-1)).toBe(THERE);
    }
  });

  test('never leads from elsewhere into a network, whose certificate a page cannot accept', async () => {
    const { link: one } = await link(HERE, 'edge', ['edge', HERE], ['lan', LAN]);
    expect((await one.ways()).map((way) => way.url)).toEqual([HERE]);
    const { link: home } = await link(LAN, 'lan', ['edge', HERE], ['lan', LAN]);
    expect((await home.ways()).map((way) => way.url)).toEqual([LAN, HERE]);
  });

  test('of an address that is not listed any more comes last', async () => {
    const { link: one } = await link(HERE, 'edge', ['edge', THERE]);
    expect((await one.ways()).map((way) => way.url)).toEqual([THERE, HERE]);
  });

  test('is said when there is none, with what each did', async () => {
    gateway.at.set(HERE, 'nobody').set(THERE, 'nobody');
    const { link: one } = await link(HERE, 'edge', ['edge', HERE], ['edge', THERE]);
    await expect(by(one)).rejects.toThrow('does not answer');
    expect(tried.map((one) => one.way.url)).toEqual([HERE, THERE]);
  });

  test('counts as shut only when somebody there says so', async () => {
    gateway.at.set(HERE, 'refuses').set(THERE, 'nobody');
    const { link: one } = await link(HERE, 'edge', ['edge', HERE], ['edge', THERE]);
    await expect(by(one)).rejects.toThrow('does not let this device in');
    const socket = one.socket();
    const code = await new Promise((done) => (socket.onclose = ({ code }) => done(code)));
    expect(code).toBe(4401);
  });
});

describe('a record of paths', () => {
  test('is taken when it is newer and signed by the host, and kept', async () => {
    const { link: one, kept } = await link(HERE, 'edge', ['edge', HERE]);
    const moved = await gateway.sign(2, ['edge', THERE]);
    expect(await one.adopt({ ...moved, record: moved.record.replace('there', 'evil.') })).toBe(false);
    expect(await one.adopt(await (await Gateway.start()).sign(9, ['edge', 'https://evil.example']))).toBe(false);
    expect(kept.kept).toEqual([]);
    expect(await one.adopt(moved)).toBe(true);
    await one.adopt(await gateway.sign(1, ['edge', HERE]));
    expect((await one.ways())[0]!.url).toBe(THERE);
    expect(kept.kept[0]!.paths).toEqual(moved);
    gateway.at.set(THERE, 'gateway');
    expect(await by(one)).toBe(THERE);
  });

  test('comes with every handshake', async () => {
    gateway.at.set(HERE, 'gateway');
    gateway.paths = await gateway.sign(5, ['edge', THERE], ['edge', HERE]);
    const { link: one } = await link(HERE, 'edge', ['edge', HERE]);
    await by(one);
    expect((await one.ways()).map((way) => way.url)).toEqual([HERE, THERE]);
  });
});

describe('live messages', () => {
  test('flow by the link, and a cut line is a closed socket', async () => {
    gateway.at.set(HERE, 'gateway');
    const { link: one } = await link(HERE, 'edge', ['edge', HERE]);
    const socket = one.socket();
    await new Promise<void>((done) => (socket.onopen = done));
    expect(socket.readyState).toBe(1);
    const heard = new Promise((done) => (socket.onmessage = ({ data }) => done(data)));
    await gateway.open[0]!.send({ kind: FRAME.text, stream: 1, body: new TextEncoder().encode('{"type":"restarting"}') });
    expect(await heard).toBe('{"type":"restarting"}');
    const closed = new Promise((done) => (socket.onclose = ({ code }) => done(code)));
    gateway.open[0]!.cut();
    expect(await closed).toBe(1006);
    await Promise.resolve();
    // The next one is a new handshake.
    expect(await by(one)).toBe(HERE);
    expect(gateway.dialled).toEqual([HERE, HERE]);
    expect(used).toEqual([HERE, null, HERE]);
  });

  test('end as locked when the host says that this device is no longer welcome', async () => {
    gateway.at.set(HERE, 'gateway');
    const { link: one } = await link(HERE, 'edge', ['edge', HERE]);
    const socket = one.socket();
    await new Promise<void>((done) => (socket.onopen = done));
    const closed = new Promise((done) => (socket.onclose = ({ code }) => done(code)));
    await gateway.open[0]!.send({ kind: FRAME.bye, stream: 0, body: Uint8Array.of(2) });
    expect(await closed).toBe(4401);
  });
});
