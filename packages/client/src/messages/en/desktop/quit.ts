import { number } from '../../formats.ts';

export const quit = {
  appSilent: 'Offdesk does not answer. Try again.',
  title: 'Quit Offdesk?',
  silent: 'The gateway does not answer, so nobody can say which runs live. Those that do go on.',
  looking: 'Looking which runs live.',
  none: 'No run is at work.',
  oneLives: 'One run lives',
  live: (count: number) => `${number(count)} runs live`,
  eachTime: 'Do this each time',
  keepBackground: 'Keep them running in the background',
  quit: 'Quit',
  linger: 'When you log out they go on only if your account may linger (loginctl enable-linger).',
  logoutEnds: 'When you log out they end.',
  survives: (logout: string) => `They go on when Offdesk quits, crashes or is updated. ${logout} A restart of the computer ends them: they are then marked lost, and can be resumed.`,
};
