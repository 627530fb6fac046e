import type { Health, Hop, Warning } from '@offdesk/client';
import { expect, test } from 'vitest';
import { headline, probed, shown } from '../src/ladder.ts';

const hop = (name: string, state: Hop['state']): Hop => ({ name, state, detail: '', checkedAt: '2026-01-01T00:00:00Z' });
const warning = (code: string, more: Partial<Warning> = {}): Warning => ({
  code, severity: 'info', text: code, fix: '', dependsOn: null, visibleAfter: 0, ...more,
});
const health = (warnings: Warning[], ...hops: Hop[]): Health => ({ ok: true, sentence: 'All well.', hops, warnings });

test('how far this phone gets is said from what answered', () => {
  expect(probed(null, false, 'desk')).toBe('This phone has no network.');
  expect(probed(null, true, 'desk')).toContain('does not reach desk');
  expect(probed(530, true, 'desk')).toContain('tunnel is not connected');
  expect(probed(502, true, 'desk')).toContain('does not answer through it');
  expect(probed(200, true, 'desk')).toContain('answers');
  expect(probed(404, true, 'desk')).toContain('not your computer');
});

test('nothing the gateway once said is shown while it cannot be heard', () => {
  expect(headline(false, health([]), 'This phone has no network.')).toBe('This phone has no network.');
  expect(headline(true, health([]), 'x')).toBe('All well.');
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
