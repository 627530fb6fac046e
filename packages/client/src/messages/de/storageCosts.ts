import type { Messages } from '../index.ts';

export const storageCosts: Messages['storageCosts'] = {
  conversations: 'ihre Läufe lassen sich nicht fortsetzen',
  history: 'er wird neu gelesen',
  log: 'die Datei wird ohne ungenutzten Platz neu geschrieben; kein Ereignis geht',
};
