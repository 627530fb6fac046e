// Bars over days, stacked by agent: figures first, then places on a plane. No pixels here.
import type { UsageDay } from '@offdesk/client';

export type Measure = 'tokens' | 'money';

export interface Part {
  agent: string;
  value: number;
  /** Where it begins and ends, from 0 at the bottom to 1 at the top. */
  from: number;
  to: number;
}

export interface Column {
  day: string;
  total: number;
  parts: Part[];
}

export interface Chart {
  /** Agents, those with most first. */
  agents: string[];
  columns: Column[];
  /** Values of the lines across, from the bottom. */
  lines: number[];
}

const of = (row: UsageDay, measure: Measure) => (measure === 'tokens' ? row.usage.outputTokens : (row.usage.costUsd ?? 0));

const two = (number: number) => String(number).padStart(2, '0');

/** The last days until today, as they are here. */
export function lastDays(count: number, today: Date): string[] {
  return Array.from({ length: count }, (_, at) => {
    // Noon, so that a day of 23 hours is one day.
    const day = new Date(today.getFullYear(), today.getMonth(), today.getDate() - (count - 1 - at), 12);
    return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  });
}

/** The next number that is easy to read: its first digits and noughts. */
function round(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8].find((step) => step * power >= value * (1 - 1e-9)) ?? 10) * power;
}

/** Days without a row are empty, and rows of other days are beside the chart's time. */
export function chartOf(rows: UsageDay[], days: string[], measure: Measure): Chart {
  const sums = new Map<string, number>();
  const byDay = new Map(days.map((day) => [day, new Map<string, number>()]));
  for (const row of rows) {
    const day = byDay.get(row.day);
    const value = of(row, measure);
    if (!day || value <= 0) continue;
    day.set(row.agent, (day.get(row.agent) ?? 0) + value);
    sums.set(row.agent, (sums.get(row.agent) ?? 0) + value);
  }
  const agents = [...sums.keys()].sort((a, b) => sums.get(b)! - sums.get(a)! || a.localeCompare(b));
  const totals = [...byDay.values()].map((day) => [...day.values()].reduce((all, value) => all + value, 0));
  const most = Math.max(0, ...totals);
  const top = most > 0 ? round(most) : 0;
  const columns = days.map((day, at) => {
    let from = 0;
    const parts = agents.flatMap((agent) => {
      const value = byDay.get(day)!.get(agent);
      if (!value) return [];
      const part = { agent, value, from, to: from + value / top };
      from = part.to;
      return [part];
    });
    return { day, total: totals[at]!, parts };
  });
  return { agents, columns, lines: top > 0 ? [0, top / 2, top] : [] };
}

/** Agents that used something in this time and do not say what it cost, wholly or in part. */
export function withoutCost(rows: UsageDay[]): string[] {
  return [...new Set(rows.filter((row) => row.usage.costUsd === null && row.usage.outputTokens > 0).map((row) => row.agent))].sort();
}
