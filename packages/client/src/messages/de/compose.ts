import type { Messages } from '../index.ts';

export const compose: Messages['compose'] = {
  filesThatGo: 'Dateien, die mitgehen',
  sendingFile: (name) => `${name} wird gesendet`,
  waitsForLine: 'wartet auf die Verbindung',
  removeFile: (name) => `${name} entfernen`,
  attach: 'Dateien anhängen',
  sending: 'Wird gesendet',
  waits: 'Wartet auf die Verbindung',
  editIt: 'Bearbeiten',
  commands: 'Befehle des Agenten',
  saidBefore: 'Früher gesagt',
  afterTurn: 'Nach dieser Runde',
  message: 'Nachricht',
  goOnWith: 'Weiter mit …',
  send: 'Senden',
  empty: 'Sie ist leer.',
  tooLarge: 'Sie ist größer als 100 MB; mehr lässt sich nicht senden.',
  unreadable: 'Sie ließ sich nicht mehr lesen. Häng sie nochmal an.',
  pasted: 'eingefügt',
};
