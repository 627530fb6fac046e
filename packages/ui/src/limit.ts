import { clock, day, t, visible, type Limit } from '@offdesk/client';

const reset = (at: string, now: number) => {
  const near = Math.abs(Date.parse(at) - now) < 20 * 3_600_000;
  return near ? clock(at) : `${day(at)}, ${clock(at)}`;
};

/** A limit in a line: how near it is, when it resets, and whether the run goes on then. */
export function limitLine(limit: Limit, waitsUntil: string | null, now: number): string {
  if (waitsUntil) return t.limit.goesOnAt(reset(waitsUntil, now));
  const over = limit.resetsAt !== null && Date.parse(limit.resetsAt) <= now;
  if (limit.state === 'reached' && over) return t.limit.hasReset;
  const what = limit.state === 'reached' ? t.limit.reached
    : t.limit.of(visible(limit.window.replaceAll('_', ' ')), limit.usedPercent === null ? t.limit.near : `${Math.round(limit.usedPercent)} %`);
  return limit.resetsAt === null ? what : t.limit.resets(what, reset(limit.resetsAt, now));
}
