import type { Messages } from '../index.ts';

export const artifacts: Messages['artifacts'] = {
  title: 'Artefakte',
  keep: 'Beim Lauf behalten',
  kept: 'Behalten',
  maybeKept: 'Das Gateway hat nicht geantwortet. Sieh bei den Artefakten nach, bevor du sie nochmal behältst.',
  maybeAdded: 'Das Gateway hat nicht geantwortet. Sieh nach, bevor du sie nochmal bringst.',
  add: 'Datei hinzufügen',
  made: 'gemacht, als er endete',
  fromWorkspace: 'aus dem Arbeitsordner behalten',
  brought: 'gebracht',
  nothing: 'Von diesem Lauf ist nichts behalten.',
  nothingYet: 'Sein Log und sein Diff werden behalten, wenn er endet. Dateien aus dem Arbeitsordner kannst du unter Dateien behalten.',
  about: 'Was hier ist, bleibt, was auch immer aus dem Arbeitsordner wird, bis du den Lauf löschst oder aufräumst.',
  download: (name) => `${name} herunterladen`,
  share: (name) => `${name} teilen`,
  fetchingOf: (name) => `${name} wird geholt`,
  removeAsk: 'Entfernen …',
  removeOf: (name) => `${name} entfernen …`,
  remove: 'Endgültig entfernen',
};
