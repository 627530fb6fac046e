import { describe, expect, test } from 'vitest';
import type { Desk, DeskSettings } from '../src/contract.ts';
import { DeskStore } from '../src/desk.svelte.ts';
import { pulseOf } from '../src/pulse.ts';
import type { Health, Hop } from '@offdesk/client';

export const desk = (gateway: Partial<Desk['gateway']> = {}): Desk => ({
  version: '1', data: '/d', host: 'h',
  gateway: { state: 'running', ours: true, sentence: '', fix: null, retryAt: null, version: '1', pid: 1, log: [], ...gateway },
  tray: 'shown', shortcut: { keys: '', state: 'off', text: null }, startAtLogin: { on: false, problem: null },
  update: { state: 'none', version: null, text: null },
  note: null, settings: { shortcut: '', startAtLogin: false, appearance: 'system', onQuit: 'ask', notify: { needsYou: true, finished: true, reach: true } },
});
const settled = () => new Promise((done) => setTimeout(done));

function app(asked: () => Promise<Desk>) {
  let tell: (desk: Desk) => void = () => undefined;
  let ended = false;
  const source = {
    desk: asked,
    onDesk: async (heard: (desk: Desk) => void) => {
      tell = heard;
      return () => void (ended = true);
    },
    changeDesk: async (change: Partial<DeskSettings>) => {
      if (change.shortcut === 'taken') throw new Error('taken');
      return { ...desk(), settings: { ...desk().settings, ...change } };
    },
  };
  return { source, tell: (what: Desk) => tell(what), ended: () => ended };
}

describe('the desk', () => {
  test('is asked for and then told of, and every change is seen with what was before', async () => {
    const { source, tell, ended } = app(async () => desk({ state: 'starting' }));
    const seen: unknown[] = [];
    const store = new DeskStore(source, (now, before) => seen.push([before?.gateway.state, now.gateway.state]));
    const end = store.follow();
    await settled();
    expect(store.runs).toBe(false);
    tell(desk());
    expect(store.runs).toBe(true);
    tell(desk({ state: 'otherVersion' }));
    expect(store.runs).toBe(true);
    expect(seen).toEqual([[undefined, 'starting'], ['starting', 'running'], ['running', 'otherVersion']]);
    end();
    await settled();
    expect(ended()).toBe(true);
  });

  test('that was told of is not taken back by an answer asked for before', async () => {
    let answer: (desk: Desk) => void = () => undefined;
    const { source, tell } = app(() => new Promise((done) => (answer = done)));
    const store = new DeskStore(source);
    store.follow();
    await settled();
    tell(desk({ state: 'down' }));
    answer(desk());
    await settled();
    expect(store.now?.gateway.state).toBe('down');
  });

  test('keeps the old setting when the new one is refused', async () => {
    const { source } = app(async () => desk());
    const store = new DeskStore(source);
    store.follow();
    await settled();
    await store.change({ appearance: 'dark' });
    expect(store.now?.settings.appearance).toBe('dark');
    await expect(store.change({ shortcut: 'taken' })).rejects.toThrow('taken');
    expect(store.now?.settings).toMatchObject({ appearance: 'dark', shortcut: '' });
  });

  test('that does not answer is told of later', async () => {
    const { source, tell } = app(() => Promise.reject(new Error('not yet')));
    const store = new DeskStore(source);
    store.follow();
    await settled();
    expect(store.now).toBeNull();
    tell(desk());
    expect(store.runs).toBe(true);
  });
});

describe('the pulse', () => {
  const hop = (name: string, state: Hop['state']): Hop => ({ name, state, detail: 'why', checkedAt: '2026-01-01T00:00:00Z' });
  const health = (...hops: Hop[]): Health => ({ ok: hops.every((one) => one.state !== 'failed'), sentence: 'All well, seen 4 s ago: nothing waits.', reached: '', hops, warnings: [] });
  const heard = (...hops: Hop[]) => ({ health: health(...hops), at: 0 });
  const connected = { kind: 'connected' } as const;
  const away = { kind: 'away', since: 0, retryAt: 0 } as const;

  test.each([
    ['all well, just heard', desk(), connected, heard(hop('log', 'ok')), 1_000, 'good'],
    ['heard too long ago', desk(), connected, heard(hop('log', 'ok')), 11_000, 'unsure'],
    ['not heard', desk(), connected, null, 0, 'unsure'],
    ['something fails', desk(), connected, heard(hop('tunnel', 'failed')), 0, 'bad'],
    ['the gateway is down, whatever was heard', desk({ state: 'down' }), connected, heard(hop('log', 'ok')), 0, 'bad'],
    ['the line is broken', desk(), away, heard(hop('log', 'ok')), 0, 'bad'],
    ['it starts', desk({ state: 'starting' }), away, null, 0, 'unsure'],
    ['the line is doubted', desk(), { kind: 'checking' } as const, heard(hop('log', 'ok')), 0, 'unsure'],
    ['nothing is known', null, { kind: 'connecting' } as const, null, 0, 'unsure'],
  ])('%s', (_, now, link, what, at, tone) => expect(pulseOf(now, link, what, at).tone).toBe(tone));

  test('names what fails, and leaves out seconds that tick', () => {
    expect(pulseOf(desk(), connected, heard(hop('tunnel', 'failed')), 0).text).toBe('Tunnel fails: why.');
    expect(pulseOf(desk(), connected, heard(hop('log', 'ok')), 0).text).toBe('All well: nothing waits.');
  });
});
