import type { Messages } from '../index.ts';

export const storageKinds: Messages['storageKinds'] = {
  log: 'Was gesagt und getan wurde',
  outputs: 'Was Agenten ausgaben',
  uploads: 'Dateien, die mit Prompts gingen',
  artifacts: 'Logs, Diffs und Dateien, die bei Läufen bleiben',
  worktrees: 'Worktrees',
  snapshots: 'Snapshots, in deinen Repositorys',
  conversations: 'Unterhaltungen mit lokalen Modellen',
  programs: 'Kopien von Offdesks Programm',
  history: 'Was vom Verlauf der Agenten gelesen wurde',
  leftovers: 'Was kein Lauf braucht',
  other: 'Einstellungen, Schlüssel und Ähnliches',
};
