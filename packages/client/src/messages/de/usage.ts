import { many } from '../formats.ts';
import type { Messages } from '../index.ts';

export const usage: Messages['usage'] = {
  title: 'Verbrauch',
  howManyDays: 'Wie viele Tage',
  days: (count) => many(count, { one: '# Tag', other: '# Tage' }),
  thousands: (count) => `${count} Tsd.`,
  noneTold: 'Kein Agent hat gesagt, dass er in diesen Tagen etwas verbraucht hat.',
  written: (tokens) => `${tokens} Tokens geschrieben`,
  whereTold: 'soweit Agenten sagen, was sie kosten',
  out: (tokens) => `${tokens} heraus`,
  in: (tokens) => `${tokens} hinein`,
  cached: (tokens) => `${tokens} gecacht`,
};
