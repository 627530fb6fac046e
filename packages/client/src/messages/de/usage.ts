import { listed, many } from '../formats.ts';
import type { Messages } from '../index.ts';

export const usage: Messages['usage'] = {
  title: 'Verbrauch',
  howManyDays: 'Wie viele Tage',
  days: (count) => many(count, { one: '# Tag', other: '# Tage' }),
  thousands: (count) => `${count} Tsd.`,
  noneTold: 'Kein Agent hat gesagt, dass er in diesen Tagen etwas verbraucht hat.',
  written: (tokens) => `${tokens} Tokens geschrieben`,
  whereTold: 'soweit Agenten sagen, was sie kosten',
  bars: 'Was die Balken zeigen',
  tokens: 'Tokens',
  money: 'Geld',
  noCost: 'Kein Agent hat gesagt, was er in diesen Tagen gekostet hat. Das heißt nicht, dass er nichts gekostet hat.',
  noneWritten: 'Kein Agent hat in diesen Tagen etwas geschrieben.',
  notAll: (agents) => many(agents.length, {
    one: `Nicht alles ist in den Balken: ${agents.join()} sagt nicht immer, was es kostet.`, other: `Nicht alles ist in den Balken: ${listed(agents)} sagen nicht immer, was es kostet.`,
  }),
  asTable: 'Tag für Tag, als Tabelle',
  byDay: 'Verbrauch nach Tagen',
  agentAndModel: 'Agent und Modell',
  columnIn: 'Hinein',
  columnCached: 'Gecacht',
  columnOut: 'Heraus',
  columnCost: 'Kosten',
  notTold: 'nicht gesagt',
  day: 'Tag',
  ofDay: (day, what) => `${day}: ${what}`,
  nothing: 'nichts',
  limits: 'Grenzen',
};
