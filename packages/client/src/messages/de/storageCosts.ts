import type { Messages } from '../index.ts';

export const storageCosts: Messages['storageCosts'] = {
  artifacts: 'Logs und Diffs weggelegter Läufe',
  conversations: 'ihre Läufe lassen sich nicht fortsetzen',
  history: 'er wird neu gelesen',
  log: 'die Datei wird ohne ungenutzten Platz neu geschrieben; kein Ereignis geht',
};
