import type { Messages } from '../index.ts';

export const time: Messages['time'] = {
  ago: (time) => `vor ${time}`,
  since: (time) => `seit ${time}`,
  lasting: (time) => `seit ${time}`,
};
