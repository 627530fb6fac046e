import type { Messages } from '../index.ts';

export const runGroups: Messages['runGroups'] = {
  needsYou: 'Braucht dich',
  working: 'Arbeitet',
  queued: 'In der Warteschlange',
  idle: 'Ruht',
  over: 'Zu Ende',
  news: 'Beendet, seit du zuletzt da warst',
};
