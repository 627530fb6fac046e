import type { Appearance } from './contract.ts';

const KEPT = 'offdesk.appearance';

/** Shows this window light or dark, and the next one from its first picture on. */
export function appear(appearance: Appearance): void {
  if (appearance === 'system') delete document.documentElement.dataset.appearance;
  else document.documentElement.dataset.appearance = appearance;
  localStorage.setItem(KEPT, appearance);
}

/** What was chosen last: the app is not asked before something is painted. */
export function appearAsBefore(): void {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'light' || kept === 'dark') document.documentElement.dataset.appearance = kept;
}
