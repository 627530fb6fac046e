// The language that is spoken now. What reads a message while it is drawn is drawn anew when the language changes.
import { keepForWorkers } from './kept.ts';
import { keepChoice, keptChoice, LANGUAGE_KEPT, languageOf, localeOf, type Language, type LanguageChoice } from './language.ts';

/** How the messages of each language are fetched: only the one in use is. */
export type Loads<M extends object> = Record<Language, () => Promise<{ default: M }>>;

interface Spoken {
  language: Language;
  /** For dates and numbers. */
  locale: string;
  messages: ReadonlyMap<Loads<object>, object>;
}

let spoken = $state.raw<Spoken>({ language: 'en', locale: 'en', messages: new Map() });
const catalogues: Loads<object>[] = [];
let asked = 0;

/** Messages as they are in the language that is spoken when they are read. */
export function catalogue<M extends object>(loads: Loads<M>): M {
  catalogues.push(loads);
  return new Proxy({} as M, {
    get: (_, area) => {
      const messages = spoken.messages.get(loads) as M | undefined;
      if (!messages) throw new Error('A message was asked for before any language was spoken.');
      return messages[area as keyof M];
    },
  });
}

/** Speaks a language from now on: what it needs is fetched first, so that nothing is half in one and half in another. */
export async function speak(choice: LanguageChoice, wanted: readonly string[] = globalThis.navigator?.languages ?? []): Promise<void> {
  const mine = ++asked;
  const language = languageOf(choice, wanted);
  const locale = localeOf(language, wanted);
  const loaded = await Promise.all(catalogues.map(async (loads) => [loads, (await loads[language]()).default] as const));
  // Who chose again meanwhile gets what was chosen last.
  if (mine !== asked) return;
  spoken = { language, locale, messages: new Map(loaded) };
  if (globalThis.document) document.documentElement.lang = language;
}

/** Speaks what was chosen on this device, and goes along when that changes: in another window, or in the system. */
export function speakAsKept(): Promise<void> {
  const again = () => void speak(keptChoice()).catch(() => undefined);
  addEventListener('storage', ({ key }) => key === LANGUAGE_KEPT && again());
  addEventListener('languagechange', again);
  return speak(keptChoice());
}

/** Speaks what a person chose just now, and keeps it on this device. */
export async function choose(choice: LanguageChoice): Promise<void> {
  await speak(choice);
  keepChoice(choice);
  // Without it a worker speaks as the system does.
  await keepForWorkers(choice).catch(() => undefined);
}

export const language = (): Language => spoken.language;
export const locale = (): string => spoken.locale;
