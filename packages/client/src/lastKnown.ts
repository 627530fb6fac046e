// What a page knew last of a host: shown, with its time, until the host can be heard again.
import { createStore, del, delMany, entries, get, keys, set } from 'idb-keyval';
import type { AgentInfo, Approval, Envelope, RunView } from './types.gen.ts';

export interface LastKnown {
  /** When it was true, in Unix milliseconds. */
  at: number;
  name: string;
  runs: RunView[];
  /** Those that waited. */
  approvals: Approval[];
  agents: AgentInfo[];
}

/** Older runs that are over are for the history; a phone keeps what somebody would look for on a train. */
export const MOST_RUNS = 200;
/** Stories that are kept, those looked at last. */
const MOST_STORIES = 20;

/** Where a page keeps it. */
export interface LastKnownStore {
  get(host: string): Promise<LastKnown | undefined>;
  put(host: string, known: LastKnown): Promise<void>;
  /** Of one host, and of all its runs. */
  forget(host: string): Promise<void>;
}

/** Where the end of a run's story is kept. */
export interface StoryStore {
  get(run: string): Promise<Envelope[] | undefined>;
  put(run: string, events: Envelope[]): Promise<void>;
}

interface Story {
  /** When it was kept, in Unix milliseconds. */
  at: number;
  events: Envelope[];
}

/** The browser's own storage, of this origin alone. */
export function openLastKnown(): LastKnownStore & { stories(host: string): StoryStore } {
  const hosts = createStore('offdesk-known', 'hosts');
  const stories = createStore('offdesk-stories', 'ends');
  /** Leaves those that were looked at last. */
  async function prune(): Promise<void> {
    const all = await entries<string, Story>(stories);
    const old = all.sort(([, a], [, b]) => b.at - a.at).slice(MOST_STORIES);
    if (old.length > 0) await delMany(old.map(([key]) => key), stories);
  }
  return {
    get: (host) => get<LastKnown>(host, hosts),
    put: (host, known) => set(host, known, hosts),
    forget: async (host) => {
      const own = (await keys<string>(stories)).filter((key) => key.startsWith(`${host}/`));
      await Promise.all([del(host, hosts), delMany(own, stories)]);
    },
    stories: (host) => {
      void prune().catch(() => undefined);
      return {
        get: async (run) => (await get<Story>(`${host}/${run}`, stories))?.events,
        put: (run, events) => set(`${host}/${run}`, { at: Date.now(), events } satisfies Story, stories),
      };
    },
  };
}
