// What another app handed to this page for an agent. It stays on this device until it was sent.
import { createStore, del, set, values } from 'idb-keyval';

export interface Shared {
  id: string;
  /** When it came, in Unix milliseconds. */
  at: number;
  text: string;
  files: File[];
}

/** Where it is kept. */
export interface SharedStore {
  /** Oldest first. */
  list(): Promise<Shared[]>;
  put(shared: Shared): Promise<void>;
  remove(id: string): Promise<void>;
}

/** More than this waits for nobody: a page that was made to send again and again must not fill the phone. */
export const MOST_SHARED = 20;
/** A longer text goes as a file: nobody reads it in a form. */
const LONGEST = 20_000;

/** What can't be seen: a text of somebody else's must not tell the agent more than it shows the person. Joiners are part of writing. */
const UNSEEN = /[^\P{Cc}\n\t]|[^\P{Cf}\u200c\u200d]/gu;

/** Reads what an app shared. Apps put the same words into several fields; they are said once. */
export function sharedIn(form: FormData, id: string, at: number): Shared | null {
  const field = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value.replaceAll('\r\n', '\n').replace(UNSEEN, '').trim() : '';
  };
  const text = field('text');
  const parts = [field('title'), text, field('url')];
  const said = parts.filter((part, at) => part !== '' && (at === 1 || !text.includes(part)) && parts.indexOf(part) === at).join('\n');
  const files = form.getAll('files').filter((file): file is File => file instanceof File && file.size > 0);
  const long = said.length > LONGEST;
  if (long) files.push(new File([said], 'shared.txt', { type: 'text/plain' }));
  if (said === '' && files.length === 0) return null;
  return { id, at, text: long ? '' : said, files };
}

/** The browser's own storage, of this origin alone. */
export function openShared(): SharedStore {
  const store = createStore('offdesk-shared', 'things');
  return {
    list: async () => (await values<Shared>(store)).sort((a, b) => a.at - b.at),
    put: (shared) => set(shared.id, shared, store),
    remove: (id) => del(id, store),
  };
}
