import type { Health, Hop, Path, Settings } from '@offdesk/client';
import { describe, expect, test } from 'vitest';
import type { Tunnel } from '../src/machine.ts';
import { standOf, switchOn, type Seen } from '../src/ways.ts';

const settings = (more: Partial<Settings> = {}): Settings => ({
  roots: ['/r'], maxWorking: 4, lan: false, tunnel: 'off', tunnelUrl: null, tunnelToken: false, cloudflared: null, paused: false, fixed: [], keys: 'keyring', ...more,
});
const hop = (name: string, state: Hop['state'], detail = ''): Hop => ({ name, state, detail, checkedAt: '2026-01-01T00:00:00Z' });
const health = (...hops: Hop[]): Health => ({ ok: true, sentence: '', reached: '', hops, warnings: [] });
const seen = (more: Partial<Seen> = {}): Seen => ({ connected: true, settings: settings(), tunnel: { state: 'off' }, paths: [], health: health(), tooOld: false, ...more });
const LAN: Path[] = [{ kind: 'lan', url: 'https://192.168.1.2:1' }];
const UP: Tunnel = { state: 'up', url: 'https://a.trycloudflare.com', verifiedAt: null };
const down = (why: string): Tunnel => ({ state: 'down', why, text: 'It is down.', fix: 'Do this.', nextRetry: '2026-01-01T00:01:00Z', url: null });

describe('the way in the network', () => {
  test.each([
    ['off', seen(), 'off', 'on'],
    ['off, and fixed', seen({ settings: settings({ fixed: ['lan'] }) }), 'off', null],
    ['on, and served', seen({ settings: settings({ lan: true }), paths: LAN }), 'ready', null],
    ['on, without an address yet', seen({ settings: settings({ lan: true }) }), 'trying', null],
    ['on, and failing', seen({ settings: settings({ lan: true }), health: health(hop('network', 'failed', 'the port is taken')) }), 'failed', 'again'],
    ['listed, and failing', seen({ settings: settings({ lan: true }), paths: LAN, health: health(hop('network', 'failed')) }), 'failed', 'again'],
    ['paused', seen({ settings: settings({ lan: true, paused: true }), paths: LAN }), 'paused', 'resume'],
    ['without keys', seen({ settings: settings({ keys: 'locked', lan: true }), paths: LAN }), 'failed', null],
    ['of an earlier gateway', seen({ settings: null, tooOld: true }), 'off', null],
    ['of an earlier gateway, served', seen({ settings: null, tooOld: true, paths: LAN }), 'ready', null],
    ['not asked yet', seen({ settings: null }), 'unknown', null],
    ['served when the gateway was last heard', seen({ connected: false, settings: settings({ lan: true }), paths: LAN }), 'unknown', null],
  ] as const)('%s', (_, what, state, remedy) => expect(standOf('lan', what)).toMatchObject({ state, remedy }));
});

describe('the way from anywhere', () => {
  const quick = settings({ tunnel: 'quick' });
  test.each([
    ['off', seen(), 'off', 'on'],
    ['off, and fixed', seen({ settings: settings({ fixed: ['tunnel'] }) }), 'off', null],
    ['on, not begun', seen({ settings: quick }), 'trying', null],
    ['starting', seen({ settings: quick, tunnel: { state: 'starting', since: '', note: null } }), 'trying', null],
    ['up, not proved', seen({ settings: quick, tunnel: UP, health: health(hop('edge', 'unknown')) }), 'trying', null],
    ['up, and proved', seen({ settings: quick, tunnel: UP, health: health(hop('edge', 'ok')) }), 'ready', null],
    ['up, and not answering', seen({ settings: quick, tunnel: UP, health: health(hop('edge', 'failed')) }), 'failed', 'again'],
    ['up, nothing heard of it', seen({ settings: quick, tunnel: UP, health: null }), 'trying', null],
    ['without its program', seen({ settings: quick, tunnel: down('programMissing') }), 'failed', 'program'],
    ['down', seen({ settings: quick, tunnel: down('rateLimited') }), 'failed', 'again'],
    ['paused', seen({ settings: settings({ tunnel: 'quick', paused: true }), tunnel: UP, health: health(hop('edge', 'ok')) }), 'paused', 'resume'],
    ['not asked yet', seen({ settings: null, tunnel: null }), 'unknown', null],
    ['proved when the gateway was last heard', seen({ connected: false, settings: quick, tunnel: UP, health: health(hop('edge', 'ok')) }), 'unknown', null],
  ] as const)('%s', (_, what, state, remedy) => expect(standOf('edge', what)).toMatchObject({ state, remedy }));

  test('says when it is tried again, and what a person can do', () => {
    expect(standOf('edge', seen({ settings: quick, tunnel: down('rateLimited') }))).toMatchObject({ text: 'It is down.', fix: 'Do this.', retryAt: '2026-01-01T00:01:00Z' });
  });

  test('shows what others say without letting it turn the text around', () => {
    const sly = seen({ settings: quick, tunnel: { state: 'starting', since: '', note: 'a\u202eb' } });
    expect(standOf('edge', sly).text).toBe('a⟨U+202E⟩b');
  });
});

test('switching on takes the named tunnel that was set up, else a quick one', () => {
  expect(switchOn('lan', settings())).toEqual({ lan: true });
  expect(switchOn('edge', settings())).toEqual({ tunnel: 'quick' });
  expect(switchOn('edge', settings({ tunnelUrl: 'https://x', tunnelToken: true }))).toEqual({ tunnel: 'named' });
  expect(switchOn('edge', settings({ tunnelUrl: 'https://x' }))).toEqual({ tunnel: 'quick' });
});
