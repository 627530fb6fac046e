import type { RunView } from '@offdesk/client';

/** Runs that would end if everything stopped: those whose agent lives, or waits for its turn. */
export function living(runs: RunView[]): RunView[] {
  return runs.filter((run) => ['queued', 'starting', 'working', 'waiting', 'idle'].includes(run.state));
}

const WORDS = [
  ['waiting', 'needs you', 'need you'],
  ['working', 'is working', 'are working'],
  ['starting', 'is starting', 'are starting'],
  ['queued', 'waits for a place', 'wait for a place'],
  ['idle', 'is idle', 'are idle'],
] as const;

/** `2 are working, 1 needs you`. */
export function atWork(runs: RunView[]): string {
  return WORDS.flatMap(([state, one, many]) => {
    const count = runs.filter((run) => run.state === state).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  }).join(', ');
}

export type System = 'linux' | 'mac' | 'windows';

export function systemOf(userAgent: string): System {
  return /Mac/.test(userAgent) ? 'mac' : /Windows/.test(userAgent) ? 'windows' : 'linux';
}

/** What a run that is kept survives, and what not. */
export function survives(system: System): string {
  const logout = {
    linux: 'When you log out they go on only if your account may linger (loginctl enable-linger).',
    mac: 'When you log out they end.',
    windows: 'When you log out they end.',
  }[system];
  return `They go on when Offdesk quits, crashes or is updated. ${logout} A restart of the computer ends them: they are then marked lost, and can be resumed.`;
}
