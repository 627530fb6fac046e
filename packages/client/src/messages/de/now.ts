import { number } from '../formats.ts';
import type { Messages } from '../index.ts';

export const now: Messages['now'] = {
  title: 'Jetzt',
  deviceWants: 'Ein Gerät möchte herein',
  devicesWant: (count) => `${number(count)} Geräte möchten herein`,
  compareDigits: 'Vergleiche die Ziffern, dann lass es herein oder nicht',
  needsYou: (count) => `Braucht dich · ${number(count)}`,
  finished: 'Fertig, noch nicht angesehen',
  nothingNeeds: 'Nichts braucht dich.',
  nothingRuns: 'Nichts läuft.',
  whatAgentsAsk: 'Was Agenten fragen, kommt hierher, aus allen Läufen.',
  putAway: 'Starte einen Lauf, leg das Handy weg und komm wieder, wenn er dich braucht.',
  startRun: 'Lauf starten',
  runs: 'Läufe',
  noRuns: 'Noch keine Läufe.',
  listedHere: 'Was du startest, steht hier, bis du es weglegst.',
  didBefore: 'Was Agenten vorher taten',
  new: 'Neuer Lauf',
  waitingForYou: 'warten auf dich',
  toLetIn: 'hereinzulassen',
  notFetched: 'Dieser Teil der Seite ließ sich nicht holen. Nichts von dem, was du getippt hast, ist verloren.',
  loadAnew: 'Seite neu laden',
  shared: 'Geteilt und noch nicht gesendet',
  chooseFor: 'Wähle einen Agenten und einen Ordner dafür',
};
