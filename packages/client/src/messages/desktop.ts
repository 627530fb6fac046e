import type en from './en/desktop/index.ts';
import { catalogue } from './spoken.svelte.ts';

/** What the windows of the desk's app say beside the messages they share with the phone, which never fetches these. */
export type DesktopMessages = typeof en;

export const desktop = catalogue<DesktopMessages>({ en: () => import('./en/desktop/index.ts'), de: () => import('./de/desktop/index.ts') });
