import type { UsageDay } from '@offdesk/client';

/** One day, as a list shows it. */
export interface Day {
  day: string;
  rows: UsageDay[];
  /** Tokens written. */
  written: number;
  /** Dollars, where an agent said any. */
  cost: number | null;
}

export const writtenIn = (rows: UsageDay[]): number => rows.reduce((all, row) => all + row.usage.outputTokens, 0);

export const costOf = (rows: UsageDay[]): number | null =>
  rows.some((row) => row.usage.costUsd !== null) ? rows.reduce((all, row) => all + (row.usage.costUsd ?? 0), 0) : null;

/** The days in the order they came in. */
export function byDay(rows: UsageDay[]): Day[] {
  const days = new Map<string, UsageDay[]>();
  for (const row of rows) days.set(row.day, [...(days.get(row.day) ?? []), row]);
  return [...days].map(([day, of]) => ({ day, rows: of, written: writtenIn(of), cost: costOf(of) }));
}
