import { number } from '../formats.ts';

export const find = {
  words: 'Words',
  errors: 'Errors',
  requests: 'Requests',
  inRun: 'Find in this run',
  wentWrong: 'What went wrong',
  wasAsked: 'What was asked',
  earlierOne: 'Earlier one',
  laterOne: 'Later one',
  closeSearch: 'Close the search',
  lookFor: 'Look for',
  none: 'None',
  place: (place: number, all: number) => `${number(place)} of ${number(all)}`,
  found: (count: number) => `${number(count)} found`,
};
