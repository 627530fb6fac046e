// Which language a person reads: no page, no state, so that a service worker can ask, too.

/** Languages there are messages for, each in its own words. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;
/** What a person chose: one of them, or what their system speaks. */
export type LanguageChoice = 'system' | Language;

const isLanguage = (text: string): text is Language => Object.hasOwn(LANGUAGES, text);
const languageIn = (tag: string) => tag.toLowerCase().split('-')[0] ?? '';

/** The language to speak. `wanted`: what the system asks for, best first, as `navigator.languages`. */
export function languageOf(choice: LanguageChoice, wanted: readonly string[]): Language {
  if (choice !== 'system') return choice;
  return wanted.map(languageIn).find(isLanguage) ?? 'en';
}

/** The tag for dates and numbers: the person's own, with its region, where it is of this language. */
export const localeOf = (language: Language, wanted: readonly string[]): string => wanted.find((tag) => languageIn(tag) === language) ?? language;

/** Where the choice is kept in the browser. */
export const LANGUAGE_KEPT = 'offdesk.language';

/** What was chosen on this device. */
export function keptChoice(keep: Pick<Storage, 'getItem'> = localStorage): LanguageChoice {
  const kept = keep.getItem(LANGUAGE_KEPT) ?? '';
  return isLanguage(kept) ? kept : 'system';
}

export function keepChoice(choice: LanguageChoice, keep: Pick<Storage, 'setItem' | 'removeItem'> = localStorage): void {
  if (choice === 'system') keep.removeItem(LANGUAGE_KEPT);
  else keep.setItem(LANGUAGE_KEPT, choice);
}
