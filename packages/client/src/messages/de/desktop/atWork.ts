import { many } from '../../formats.ts';
import type { DesktopMessages } from '../../desktop.ts';

export const atWork: DesktopMessages['atWork'] = {
  waiting: (count) => many(count, { one: '# braucht dich', other: '# brauchen dich' }),
  working: (count) => many(count, { one: '# arbeitet', other: '# arbeiten' }),
  starting: (count) => many(count, { one: '# startet', other: '# starten' }),
  queued: (count) => many(count, { one: '# wartet auf einen Platz', other: '# warten auf einen Platz' }),
  idle: (count) => many(count, { one: '# ruht', other: '# ruhen' }),
};
