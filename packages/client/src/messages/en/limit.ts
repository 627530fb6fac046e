export const limit = {
  goesOnAt: (time: string) => `Goes on at ${time}`,
  hasReset: 'Limit has reset',
  reached: 'Limit reached',
  of: (window: string, used: string) => `Limit ${window}: ${used}`,
  near: 'near',
  resets: (limit: string, time: string) => `${limit}, resets ${time}`,
};
