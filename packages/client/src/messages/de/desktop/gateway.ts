import type { DesktopMessages } from '../../desktop.ts';

export const gateway: DesktopMessages['gateway'] = {
  appSilent: 'Die App hat nicht geantwortet. Beende Offdesk und starte es neu; Läufe gehen weiter.',
  here: 'Das Gateway auf diesem Rechner',
  nothingLost: 'Läufe, die arbeiteten, gehen weiter; was du jetzt entscheidest, geht nicht verloren und wird gesendet, wenn das Gateway wieder da ist.',
  saidLast: 'Was es zuletzt sagte',
  byItself: (seconds) => `von selbst in ${seconds} s`,
  otherVersion: (version, own) => `Version ${version} läuft; diese App ist ${own}. Es wird benutzt, wie es ist.`,
  unknown: 'unbekannt',
  changing: 'Wechsle …',
  useNew: 'Neue Version benutzen',
  runsGoOn: 'Läufe gehen weiter.',
  version: (version) => `Version ${version}`,
  versionAndProcess: (version, pid) => `Version ${version}, Prozess ${pid}`,
  ours: 'von dieser App gestartet',
  foreign: 'von etwas anderem gestartet und benutzt',
};
