import { number } from '../formats.ts';

export const rules = {
  inItsRun: 'in its run',
  inItsProject: 'in its project',
  inFolder: (folder: string) => `in ${folder}`,
  inOneRun: 'in one run',
  inEveryRun: 'in every run',
  gateway: 'the gateway',
  title: 'Rules',
  about: 'What is decided without you. A rule is made on a request, by “Allow always…” or “Deny all like this…”.',
  none: 'No rules: every request waits for you.',
  named: (rule: string) => `Rule: ${rule}`,
  decidedLast: (count: number, time: string) => `decided ${number(count)}, last ${time}`,
  decided: (count: number) => `decided ${number(count)}`,
  made: (time: string, who: string) => `made ${time} by ${who}`,
  itsRun: 'the run it was made in',
  says: (words: string) => `Says: ${words}`,
  holds: 'Holds',
  revoke: 'Revoke',
  revoked: (count: number) => `${number(count)} revoked`,
  revokedAt: (time: string) => `revoked ${time}`,
};
