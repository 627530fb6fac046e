import { number } from '../formats.ts';
import type { Messages } from '../index.ts';

export const rules: Messages['rules'] = {
  inItsRun: 'in seinem Lauf',
  inItsProject: 'in seinem Projekt',
  inFolder: (folder) => `in ${folder}`,
  inOneRun: 'in einem Lauf',
  inEveryRun: 'in jedem Lauf',
  gateway: 'dem Gateway',
  title: 'Regeln',
  about: 'Was ohne dich entschieden wird. Eine Regel machst du bei einer Anfrage, mit „Immer erlauben …“ oder „Alle solchen ablehnen …“.',
  none: 'Keine Regeln: Jede Anfrage wartet auf dich.',
  named: (rule) => `Regel: ${rule}`,
  decidedLast: (count, time) => `${number(count)} entschieden, zuletzt ${time}`,
  decided: (count) => `${number(count)} entschieden`,
  made: (time, who) => `gemacht ${time} von ${who}`,
  itsRun: 'der Lauf, in dem sie entstand',
  says: (words) => `Sagt: ${words}`,
  holds: 'Gilt',
  revoke: 'Widerrufen',
  revoked: (count) => `${number(count)} widerrufen`,
  revokedAt: (time) => `widerrufen ${time}`,
};
