import type { Limit, UsageDay } from '@offdesk/client';
import { expect, test } from 'vitest';
import { chartOf, lastDays, withoutCost } from '../src/chart.ts';
import { knownLimits } from '../src/limit.ts';

const row = (day: string, agent: string, out: number, cost: number | null, model = 'm'): UsageDay =>
  ({ day, agent, model, usage: { inputTokens: 1, cachedTokens: 0, outputTokens: out, costUsd: cost } }) as UsageDay;

test('the days until today are all there, over the change of a month and of the clock', () => {
  expect(lastDays(3, new Date(2026, 2, 1, 0, 5))).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
  const over = lastDays(90, new Date(2026, 10, 21, 23, 59));
  expect([over.length, new Set(over).size, over.at(-1)]).toEqual([90, 90, '2026-11-21']);
});

test('bars are stacked by agent, those with most first, under a line that is easy to read', () => {
  const chart = chartOf([row('2', 'a', 60, null), row('2', 'a', 20, null, 'n'), row('2', 'b', 120, 1), row('3', 'a', 20, null), row('9', 'b', 999, 1)], ['1', '2', '3'], 'tokens');
  expect(chart.agents).toEqual(['b', 'a']);
  expect(chart.lines).toEqual([0, 100, 200]);
  expect(chart.columns.map((column) => column.total)).toEqual([0, 200, 20]);
  expect(chart.columns[1]!.parts).toEqual([{ agent: 'b', value: 120, from: 0, to: 0.6 }, { agent: 'a', value: 80, from: 0.6, to: 1 }]);
});

test('money counts only where it was told, and who does not tell is named', () => {
  const rows = [row('1', 'claude', 10, 0.05), row('1', 'codex', 50, null), row('1', 'demo', 0, null)];
  const chart = chartOf(rows, ['1'], 'money');
  expect([chart.agents, chart.lines]).toEqual([['claude'], [0, 0.025, 0.05]]);
  expect(withoutCost(rows)).toEqual(['codex']);
  expect(chartOf([row('1', 'codex', 50, null)], ['1'], 'money')).toMatchObject({ agents: [], lines: [] });
});

test('of each limit the newest word counts, until it resets', () => {
  const limit = (window: string, usedPercent: number, resetsAt: string | null = null): Limit => ({ window, usedPercent, resetsAt, state: 'open' }) as Limit;
  const runs = [
    { agent: 'claude', updatedAt: '2026-11-21T10:00:00Z', limit: limit('five_hour', 40) },
    { agent: 'claude', updatedAt: '2026-11-21T11:00:00Z', limit: limit('five_hour', 60) },
    { agent: 'claude', updatedAt: '2026-11-21T09:00:00Z', limit: limit('week', 10) },
    { agent: 'codex', updatedAt: '2026-11-21T09:00:00Z', limit: limit('day', 99, '2026-11-21T11:30:00Z') },
    { agent: 'demo', updatedAt: '2026-11-21T09:00:00Z', limit: null },
  ];
  const found = knownLimits(runs, Date.parse('2026-11-21T12:00:00Z'));
  expect(found.map(({ agent, limit: one }) => [agent, one.window, one.usedPercent])).toEqual([['claude', 'five_hour', 60], ['claude', 'week', 10]]);
});
