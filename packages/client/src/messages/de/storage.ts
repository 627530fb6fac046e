import { many, number } from '../formats.ts';
import type { Messages } from '../index.ts';

export const storage: Messages['storage'] = {
  andMore: (count) => `und ${number(count)} weitere; \`offdesk storage clean\` zeigt alle`,
  maybeRemoved: 'Das Gateway antwortet nicht. Was entfernt wurde, ist nicht bekannt. Sieh nochmal nach, wenn die Verbindung wieder da ist.',
  nothingRemoved: 'Das Gateway antwortet nicht; nichts wurde entfernt.',
  title: 'Speicher',
  keptIn: (folder, putAway) => `in ${folder} und deinen Repositorys; davon ${putAway} nur von weggelegten Läufen oder von keinem`,
  whatIsKept: 'Was behalten wird',
  cleanUp: 'Aufräumen',
  cleanAbout: 'Nur, was zu weggelegten Läufen gehört. Offene Läufe behalten alles, und Arbeit, die in keinem Branch ist, bleibt immer.',
  ignoredToo: 'Worktrees auch mit von Git ignorierten Dateien',
  untouchedFor: 'Von Läufen, unberührt seit',
  anyTime: 'beliebig lange',
  aWeek: 'einer Woche',
  days: (count) => many(count, { one: '# Tag', other: '# Tagen' }),
  halfYear: 'einem halben Jahr',
  showGo: 'Zeigen, was ginge',
  removed: (size) => `Entfernt: ${size}.`,
  nothingGoes: 'Es gibt nichts, was gehen könnte.',
  wouldGo: (size) => `${size} würden gehen.`,
  went: 'Gegangen',
  removing: 'Entferne …',
  remove: (size) => `${size} entfernen`,
  lookingDisk: 'Sehe auf der Platte nach.',
  figuresLater: 'Nicht verbunden: Die Zahlen kommen, wenn die Verbindung wieder da ist.',
};
