// What a service worker says. It has no page, so it has the few words of all languages with it.
import { worker as de } from './de/worker.ts';
import { worker as en } from './en/worker.ts';
import type { Messages } from './index.ts';
import { keptForWorkers } from './kept.ts';
import { languageOf, type Language } from './language.ts';

/** The language it speaks, and what it says in it. */
export async function workerMessages(): Promise<{ language: Language; t: Messages['worker'] }> {
  const language = languageOf(await keptForWorkers(), navigator.languages);
  return { language, t: { en, de }[language] };
}
