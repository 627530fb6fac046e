export const runGroups = {
  needsYou: 'Needs you',
  working: 'Working',
  queued: 'In the queue',
  idle: 'Idle',
  over: 'Over',
  news: 'Ended since you looked',
};
