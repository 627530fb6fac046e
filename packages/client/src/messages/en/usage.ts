import { many } from '../formats.ts';

export const usage = {
  title: 'Usage',
  howManyDays: 'How many days',
  days: (count: number) => many(count, { one: '# day', other: '# days' }),
  thousands: (count: string) => `${count} k`,
  noneTold: 'No agent has told of anything it used in these days.',
  written: (tokens: string) => `${tokens} tokens written`,
  whereTold: 'where agents say what they cost',
  out: (tokens: string) => `${tokens} out`,
  in: (tokens: string) => `${tokens} in`,
  cached: (tokens: string) => `${tokens} cached`,
};
