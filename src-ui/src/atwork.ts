import type { RunView } from '@offdesk/client';
import { desktop } from '@offdesk/client/messages/desktop.ts';

/** Runs that would end if everything stopped: those whose agent lives, or waits for its turn. */
export function living(runs: RunView[]): RunView[] {
  return runs.filter((run) => ['queued', 'starting', 'working', 'waiting', 'idle'].includes(run.state));
}

const STATES = ['waiting', 'working', 'starting', 'queued', 'idle'] as const;

/** `2 are working, 1 needs you`. */
export function atWork(runs: RunView[]): string {
  return STATES.flatMap((state) => {
    const count = runs.filter((run) => run.state === state).length;
    return count === 0 ? [] : [desktop.atWork[state](count)];
  }).join(', ');
}

export type System = 'linux' | 'mac' | 'windows';

export function systemOf(userAgent: string): System {
  return /Mac/.test(userAgent) ? 'mac' : /Windows/.test(userAgent) ? 'windows' : 'linux';
}

/** What a run that is kept survives, and what not. */
export function survives(system: System): string {
  return desktop.quit.survives(system === 'linux' ? desktop.quit.linger : desktop.quit.logoutEnds);
}
