import type { Health, Hop, LinkState, Warning, Way } from '@offdesk/client';
import { expect, test } from 'vitest';
import { aroundSeconds, headline, ownRung, probed, rungs, shown } from '../src/ladder.ts';

const hop = (name: string, state: Hop['state'], more: Partial<Hop> = {}): Hop => ({ name, state, detail: '', checkedAt: '2026-01-01T00:00:00Z', ...more });
const warning = (code: string, more: Partial<Warning> = {}): Warning => ({
  code, severity: 'info', text: code, fix: '', dependsOn: null, visibleAfter: 0, ...more,
});
const health = (warnings: Warning[], ...hops: Hop[]): Health => ({ ok: true, sentence: 'All well.', reached: '', hops, warnings });

test('how far this phone gets is said from what answered', () => {
  expect(probed(null, false, 'desk')).toBe('This phone has no network.');
  expect(probed(null, true, 'desk')).toContain('does not reach desk');
  expect(probed(530, true, 'desk')).toContain('tunnel is not connected');
  expect(probed(502, true, 'desk')).toContain('does not answer through it');
  expect(probed(200, true, 'desk')).toContain('answers');
  expect(probed(404, true, 'desk')).toContain('not your computer');
});

test('nothing the gateway once said is shown while it cannot be heard', () => {
  expect(headline(false, { health: health([]), at: 0 }, 'This phone has no network.', 0)).toBe('This phone has no network.');
  expect(headline(true, null, 'x', 0)).toContain('Asking');
  expect(headline(true, { health: health([]), at: 0 }, 'x', 0)).toBe('All well.');
  expect(headline(true, { health: health([]), at: 0 }, 'x', 11_000)).toContain('does not say');
});

test('the first hop that fails is named on top', () => {
  const down = health([], hop('edge', 'unknown'), hop('tunnel', 'failed', { detail: 'it ended with code 1.' }), hop('gateway', 'failed'));
  expect(headline(true, { health: down, at: 0 }, '', 0)).toBe('Tunnel fails: it ended with code 1.');
});

test('seconds that tick stand apart, so that they are not read out', () => {
  const sentence = 'Reachable from outside, seen 4 s ago: one decision waits for you.';
  expect(aroundSeconds(sentence)).toEqual(['Reachable from outside', ', seen 4 s ago', ': one decision waits for you.']);
  expect(aroundSeconds('All well.')).toEqual(['All well.', '', '']);
});

test('what this page sees of its own connection is its first rung', () => {
  const way: Way = { kind: 'edge', url: 'https://desk' };
  const own = (link: LinkState, online = true) => ownRung('This phone', link, way, 0, online, 240_000);
  expect(own({ kind: 'connected' })).toEqual({ name: 'This phone', state: 'ok', detail: 'connected through the tunnel for 4m, by https://desk', age: null });
  expect(own({ kind: 'checking' }).state).toBe('unknown');
  expect(own({ kind: 'connecting' }).state).toBe('unknown');
  expect(own({ kind: 'connecting' }, false)).toMatchObject({ state: 'failed', detail: 'has no network' });
  expect(own({ kind: 'away', since: 180_000, retryAt: 0 })).toMatchObject({ state: 'failed', detail: 'not connected for 1m' });
  expect(own({ kind: 'away', since: 180_000, retryAt: 0 }, false).detail).toBe('has no network, not connected for 1m');
});

test('hops tell when they were looked at, whatever the two clocks say, and are not believed when that is long ago', () => {
  const looked = health([], hop('edge', 'ok', { checkedAt: '2026-01-01T00:00:56Z' }), hop('log', 'ok', { checkedAt: '2026-01-01T00:01:00Z' }));
  const heard = { health: looked, at: 5_000_000 };
  expect(rungs(heard, 5_000_000).map((rung) => rung.age)).toEqual(['4s', '0s']);
  expect(rungs(heard, 5_003_000).map((rung) => [rung.age, rung.state])).toEqual([['7s', 'ok'], ['3s', 'ok']]);
  expect(rungs(heard, 5_011_000).map((rung) => [rung.age, rung.state])).toEqual([['15s', 'unknown'], ['11s', 'unknown']]);
});

test('what a hop says can not pretend to be something else', () => {
  const sly = health([], hop('tunnel', 'failed', { detail: 'a\u202eb' }));
  expect(rungs({ health: sly, at: 0 }, 0)[0]?.detail).not.toContain('\u202e');
  expect(headline(true, { health: sly, at: 0 }, '', 0)).not.toContain('\u202e');
});

test('a warning waits for its time, and goes with its cause', () => {
  const since = new Map<string, number>();
  const late = warning('unreachable', { visibleAfter: 10, dependsOn: 'tunnel' });
  const down = health([late, warning('keysInFile')], hop('tunnel', 'failed'));
  expect(shown(down, since, 0).map((one) => one.code)).toEqual(['keysInFile']);
  expect(shown(down, since, 11_000).map((one) => one.code)).toEqual(['unreachable', 'keysInFile']);
  expect(shown(health([late], hop('tunnel', 'ok')), since, 12_000)).toEqual([]);
  expect(shown(health([]), since, 13_000)).toEqual([]);
  // It must last anew when it comes back.
  expect(shown(down, since, 14_000).map((one) => one.code)).toEqual(['keysInFile']);
});
