import { clock, day, t, visible, type Limit, type RunView } from '@offdesk/client';

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

/** A limit of an agent's account, and which of its runs told of it last. */
export interface KnownLimit {
  agent: string;
  limit: Limit;
  /** When a run last told of anything. */
  told: string;
}

/** The limits runs have told of, the newest word on each; those that reset since hold no more. */
export function knownLimits(runs: Iterable<Pick<RunView, 'agent' | 'limit' | 'updatedAt'>>, now: number): KnownLimit[] {
  const found = new Map<string, KnownLimit>();
  for (const { agent, limit, updatedAt: told } of runs) {
    if (!limit || (limit.resetsAt !== null && Date.parse(limit.resetsAt) <= now)) continue;
    const key = `${agent}\n${limit.window}`;
    if ((found.get(key)?.told ?? '') < told) found.set(key, { agent, limit, told });
  }
  return [...found.values()].sort((a, b) => a.agent.localeCompare(b.agent) || a.limit.window.localeCompare(b.limit.window));
}
