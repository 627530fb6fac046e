import type { DesktopMessages } from '../../desktop.ts';

export const start: DesktopMessages['start'] = {
  agentIs: (agent) => `Agent: ${agent}. Ändern`,
  noAgent: 'keiner',
  agentToken: '/agent',
  folderIs: (folder) => `Ordner: ${folder}. Ändern`,
  noFolder: 'keiner',
  folderToken: '@ordner',
  whatToDo: 'Was soll getan werden?',
  enterTakes: 'Enter nimmt ihn, Tab geht hinein',
  pressEnter: 'Das Gateway antwortet nicht. Was du getippt hast, bleibt; drück nochmal Enter, es startet nur einen Lauf.',
  noneFound: 'Auf diesem Rechner wurde kein Agent gefunden. In den Einstellungen steht, wo gesucht wurde.',
  notKnownYet: 'Noch ist nicht bekannt, welche Agenten es gibt. Tippe /demo für den eingebauten oder warte einen Moment.',
  whichFolder: 'In welchem Ordner? Tippe @ und wähle einen.',
  sayWhat: 'Sag, was er tun soll.',
};
