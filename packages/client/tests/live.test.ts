import { beforeEach, describe, expect, test } from 'vitest';
import { Live, type LinkState } from '../src/live.ts';
import type { Envelope, ToViewer } from '../src/types.gen.ts';
import { FakeClock, FakeSocket, LOG, snapshot } from './fakes.ts';

const event = (seq: number): Envelope => ({
  seq, at: '2026-01-01T00:00:00Z', host: 'h', run: 'r', event: { type: 'run.labelled', label: `${seq}` },
});

let sockets: FakeSocket[];
let states: LinkState[];
let heard: ToViewer[];
let clock: FakeClock;
let live: Live;

beforeEach(() => {
  [sockets, states, heard, clock] = [[], [], [], new FakeClock()];
  live = new Live({ state: (state) => states.push(state), message: (message) => heard.push(message) }, () => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  }, clock);
  live.start();
});

const last = () => sockets.at(-1)!;
const seqs = () => heard.flatMap((message) => (message.type === 'events' ? message.events.map((one) => one.seq) : []));

function connected(seq = 5): FakeSocket {
  last().opens();
  last().says(snapshot(seq));
  return last();
}

describe('a connection', () => {
  test('is green only once the gateway has answered', () => {
    last().opens();
    expect(states.at(-1)).toEqual({ kind: 'connecting' });
    last().says(snapshot(5));
    expect(states.at(-1)).toEqual({ kind: 'connected' });
  });

  test('that opens and stays silent is given up', () => {
    last().opens();
    clock.passes(3_100);
    expect(states.at(-1)?.kind).toBe('away');
  });

  test('that never opens is tried anew', () => {
    clock.passes(8_100);
    expect(states.at(-1)?.kind).toBe('away');
    clock.passes(300);
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.closed).toBe(true);
  });

  test('says the cursor it has when it comes back, and hears each event once', () => {
    connected(5).says({ type: 'events', events: [event(6), event(7)] });
    last().breaks();
    expect(states.at(-1)?.kind).toBe('away');
    clock.passes(300);
    expect(sockets).toHaveLength(2);
    last().opens();
    expect(last().sent[0]).toMatchObject({ type: 'hello', token: null, cursor: { log: LOG, seq: 7 } });
    last().says(snapshot(9));
    last().says({ type: 'events', events: [event(7), event(8)] });
    last().says({ type: 'events', events: [event(9)] });
    expect(seqs()).toEqual([6, 7, 8, 9]);
  });

  test('begins again when its log is another', () => {
    connected(50);
    last().breaks();
    clock.passes(300);
    last().opens();
    last().says(snapshot(3, { resync: true }));
    last().says({ type: 'events', events: [event(4)] });
    expect(seqs()).toEqual([4]);
  });

  test('waits longer each time, and quickly again only after one that held', () => {
    const waits: number[] = [];
    for (let n = 0; n < 6; n++) {
      last().breaks();
      const state = states.at(-1);
      if (state?.kind !== 'away') throw new Error('not away');
      waits.push(state.retryAt - clock.now());
      clock.passes(state.retryAt - clock.now());
    }
    expect(waits[5]).toBeGreaterThan(waits[0]! * 4);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
    connected();
    clock.passes(5_100);
    last().breaks();
    const state = states.at(-1);
    expect(state?.kind === 'away' && state.retryAt - clock.now()).toBeLessThanOrEqual(250);
  });

  test('that died while the page slept is found dead when it wakes', () => {
    connected();
    live.probe();
    expect(last().kinds()).toContain('ping');
    clock.passes(3_100);
    expect(states.at(-1)?.kind).toBe('away');
  });

  test('is not called connected after a long sleep, until the gateway answers', () => {
    connected();
    clock.sleeps(60_000);
    live.probe();
    expect(states.at(-1)).toEqual({ kind: 'checking' });
    last().says({ type: 'pong', nonce: 1 });
    expect(states.at(-1)).toEqual({ kind: 'connected' });
  });

  test('is made anew half a second after a long sleep, when nobody answers on the old one', () => {
    connected();
    clock.sleeps(60_000);
    live.probe();
    clock.passes(600);
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.closed).toBe(true);
    expect(states.at(-1)).toEqual({ kind: 'checking' });
    connected();
    expect(states.at(-1)).toEqual({ kind: 'connected' });
  });

  test('with a gateway of another time is not believed, and tried again', () => {
    last().opens();
    last().says(snapshot(5, { version: 9 }));
    expect(states.map(({ kind }) => kind)).toEqual(['connecting', 'away']);
    expect(heard).toEqual([]);
    clock.passes(300);
    // It was updated meanwhile; one version apart is near enough.
    last().opens();
    last().says(snapshot(5, { version: 2 }));
    expect(states.at(-1)).toEqual({ kind: 'connected' });
  });

  test('stays green while pings are answered', () => {
    connected();
    for (let n = 1; n <= 5; n++) {
      clock.passes(10_000);
      expect(last().sent.at(-1)).toEqual({ type: 'ping', nonce: n });
      last().says({ type: 'pong', nonce: n });
    }
    expect(states.map((state) => state.kind)).toEqual(['connecting', 'connected']);
  });

  test('whose key is not valid stays closed', () => {
    last().opens();
    last().breaks(4401);
    expect(states.at(-1)).toEqual({ kind: 'locked' });
    clock.passes(60_000);
    expect(sockets).toHaveLength(1);
  });
});

describe('what is typed', () => {
  test('is kept until it was written, and said again with its id', () => {
    connected();
    live.input('r', 'a', 'ls\r');
    live.input('r', 'b', 'pwd\r');
    last().says({ type: 'inputWritten', id: 'a' });
    last().breaks();
    live.input('r', 'c', 'exit\r');
    clock.passes(300);
    connected();
    expect(last().sent.filter((message) => message['type'] === 'input').map((message) => message['id'])).toEqual(['b', 'c']);
  });
});

describe("a terminal's size", () => {
  test('is said again after a break, and no more once nobody watches', () => {
    const unwatch = live.watch('r', null, { type: 'screen' }, { output: () => undefined, ended: () => undefined, failed: () => undefined });
    live.resize('r', 46, 30);
    connected();
    expect(last().sent).toContainEqual({ type: 'resize', run: 'r', cols: 46, rows: 30 });
    unwatch();
    last().breaks();
    clock.passes(300);
    connected();
    expect(last().kinds()).toEqual(['hello']);
  });
});

describe('a watched output', () => {
  const frame = (channel: number, flags: number, offset: number, text: string) => {
    const bytes = new TextEncoder().encode(text);
    const buffer = new ArrayBuffer(16 + bytes.length);
    const view = new DataView(buffer);
    view.setUint32(0, channel, true);
    view.setUint32(4, flags, true);
    view.setBigUint64(8, BigInt(offset), true);
    new Uint8Array(buffer, 16).set(bytes);
    return buffer;
  };

  test('goes on after a break from the offset that was reached', () => {
    connected();
    const seen: [string, boolean][] = [];
    live.watch('r', null, { type: 'screen' }, {
      output: (bytes, _offset, picture) => seen.push([new TextDecoder().decode(bytes), picture]),
      ended: () => undefined,
      failed: () => undefined,
    });
    last().sends(frame(1, 1, 100, 'picture'));
    last().sends(frame(1, 0, 100, 'abc'));
    last().breaks();
    clock.passes(300);
    connected();
    expect(last().sent.find((message) => message['type'] === 'watch')).toMatchObject({ from: { type: 'offset', offset: 103 } });
    expect(seen).toEqual([['picture', true], ['abc', false]]);
  });
});
