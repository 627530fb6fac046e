import { many } from '../../formats.ts';

export const atWork = {
  waiting: (count: number) => many(count, { one: '# needs you', other: '# need you' }),
  working: (count: number) => many(count, { one: '# is working', other: '# are working' }),
  starting: (count: number) => many(count, { one: '# is starting', other: '# are starting' }),
  queued: (count: number) => many(count, { one: '# waits for a place', other: '# wait for a place' }),
  idle: (count: number) => many(count, { one: '# is idle', other: '# are idle' }),
};
