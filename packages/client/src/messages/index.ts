// All that the front ends say, by language. How to add to it: docs/messages.md.
import type en from './en/index.ts';
import { catalogue } from './spoken.svelte.ts';

/** What a language has to say; English is the measure. */
export type Messages = typeof en;

/** The messages of the phone's page, and of what it shares with the desk's window. */
export const t = catalogue<Messages>({ en: () => import('./en/index.ts'), de: () => import('./de/index.ts') });

export * from './formats.ts';
export * from './language.ts';
export { choose, language, locale, speak, speakAsKept } from './spoken.svelte.ts';
