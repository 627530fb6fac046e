// The choice where a service worker can read it: it has no `localStorage`.
import { createStore, get, set } from 'idb-keyval';
import type { LanguageChoice } from './language.ts';

const KEY = 'choice';
const store = () => createStore('offdesk.language', 'kept');

export const keepForWorkers = (choice: LanguageChoice): Promise<void> => set(KEY, choice, store());
export const keptForWorkers = async (): Promise<LanguageChoice> => (await get<LanguageChoice>(KEY, store()).catch(() => undefined)) ?? 'system';
