import type { Limit, SlashOffer, UsageDay } from '@offdesk/client';
import { expect, test } from 'vitest';
import { limitLine } from '../src/limit.ts';
import { completions } from '../src/slash.ts';
import { byDay } from '../src/usage.ts';

const command = (name: string): SlashOffer => ({ name, description: '', hint: null });

test('commands are offered while the beginning of one is all that is typed', () => {
  const offered = ['compact', 'cost', 'context', 'my-compact'].map(command);
  const names = (text: string) => completions(text, offered).map((one) => one.name);
  expect(names('/')).toEqual(['compact', 'cost', 'context', 'my-compact']);
  expect(names('/comp')).toEqual(['compact', 'my-compact']);
  expect(names('/cost')).toEqual([]);
  for (const text of ['', 'cost', '/cost now', 'see /co']) expect(names(text)).toEqual([]);
});

test('a limit says how near it is, when it resets, and what happens then', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  const limit = (change: Partial<Limit>): Limit => ({ window: 'five_hour', state: 'reached', usedPercent: null, resetsAt: '2026-11-21T15:00:00Z', ...change });
  expect(limitLine(limit({}), null, now)).toMatch(/^Limit reached, resets .*\d/);
  expect(limitLine(limit({}), '2026-11-21T15:00:00Z', now)).toMatch(/^Goes on at /);
  expect(limitLine(limit({ state: 'near', usedPercent: 91.6, resetsAt: null }), null, now)).toBe('Limit five hour: 92 %');
  expect(limitLine(limit({}), null, Date.parse('2026-11-21T15:00:01Z'))).toBe('Limit has reset');
});

test('a day adds up what its agents said, and dollars only where they said any', () => {
  const row = (day: string, outputTokens: number, costUsd: number | null): UsageDay => ({
    day, agent: 'a', model: null, usage: { inputTokens: 1, outputTokens, cachedTokens: 0, costUsd },
  });
  expect(byDay([row('2026-11-21', 5, 0.5), row('2026-11-21', 7, null), row('2026-11-20', 1, null)]).map(({ day, written, cost }) => [day, written, cost]))
    .toEqual([['2026-11-21', 12, 0.5], ['2026-11-20', 1, null]]);
});
