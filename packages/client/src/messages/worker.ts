// What a service worker says. It has no page, so it has the few words of all languages with it.
import { createStore, get, set } from 'idb-keyval';
import { worker as de } from './de/worker.ts';
import { worker as en } from './en/worker.ts';
import type { Messages } from './index.ts';
import { languageOf, type LanguageChoice } from './language.ts';

const KEY = 'choice';
const store = () => createStore('offdesk.language', 'kept');

/** Keeps the choice where a worker can read it: it has no `localStorage`. */
export const keepForWorkers = (choice: LanguageChoice): Promise<void> => set(KEY, choice, store());

/** The language it speaks, and what it says in it. */
export async function workerMessages(): Promise<{ language: string; t: Messages['worker'] }> {
  const choice = await get<LanguageChoice>(KEY, store()).catch(() => undefined);
  const language = languageOf(choice ?? 'system', navigator.languages);
  return { language, t: { en, de }[language] };
}
