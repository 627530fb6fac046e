import type { Messages } from '../index.ts';

export const more: Messages['more'] = {
  aboutHistory: 'was Agenten auf diesem Rechner behalten',
  aboutRules: 'was ohne dich entschieden wird',
  aboutNotifications: 'was du erfährst, während du weg bist',
  aboutUsage: 'Tokens und Kosten, nach Tagen',
  aboutAgents: 'die Programme, die arbeiten können',
  aboutStorage: 'was auf der Platte liegt',
  aboutDevices: 'wer Zugang hat',
  aboutConnection: 'wie diese Seite den Rechner erreicht',
  system: 'System',
  light: 'Hell',
  dark: 'Dunkel',
  appearance: 'Aussehen',
  language: 'Sprache',
  momentToUndo: 'Ein Moment zum Rückgängigmachen',
  momentAbout: 'eine Entscheidung wird anderthalb Sekunden gehalten, bevor sie hinausgeht',
  languageNotFetched: 'Diese Sprache ließ sich nicht holen. Versuch es nochmal, wenn die Verbindung wieder da ist.',
  historyName: 'Verlauf',
  rules: 'Regeln',
};
