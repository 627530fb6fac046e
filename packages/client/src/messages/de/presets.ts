import type { Messages } from '../index.ts';

export const presets: Messages['presets'] = {
  title: 'Vorlagen',
  worktree: 'Worktree',
  keepAs: 'Als Vorlage behalten…',
  keepChanges: 'Änderungen behalten…',
  removeIt: 'Vorlage entfernen…',
  name: 'Name der Vorlage',
  allDevices: 'Alle deine Geräte haben sie: Agent, Ordner, Worktree, Modell, Modus und die Worte oben.',
  change: (name) => `„${name}“ ändern`,
  sureToRemove: (name) => `Die Vorlage „${name}“ von allen deinen Geräten entfernen? Läufe, die damit begannen, bleiben.`,
  notKept: 'Das Gateway antwortet nicht. Nichts wurde behalten. Versuch es wieder, wenn die Verbindung zurück ist.',
  agentIn: (agent, folder) => `${agent} in ${folder}`,
};
