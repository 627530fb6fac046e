import { number } from '../formats.ts';
import type { Messages } from '../index.ts';

export const find: Messages['find'] = {
  words: 'Worte',
  errors: 'Fehler',
  requests: 'Anfragen',
  inRun: 'In diesem Lauf suchen',
  wentWrong: 'Was schiefging',
  wasAsked: 'Was gefragt wurde',
  earlierOne: 'Voriges',
  laterOne: 'Nächstes',
  closeSearch: 'Suche schließen',
  lookFor: 'Suchen nach',
  none: 'Keine',
  place: (place, all) => `${number(place)} von ${number(all)}`,
  found: (count) => `${number(count)} gefunden`,
};
