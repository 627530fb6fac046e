// What a page knew last of a host: shown, with its time, until the host can be heard again.
import { createStore, del, get, set } from 'idb-keyval';
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
  run: string;
  events: Envelope[];
}

/** The browser's own storage, of this origin alone. */
export function openLastKnown(): LastKnownStore & { stories(host: string): StoryStore } {
  const store = createStore('offdesk-known', 'hosts');
  const storiesOf = (host: string) => `${host}/stories`;
  const stories = async (host: string) => (await get<Story[]>(storiesOf(host), store)) ?? [];
  return {
    get: (host) => get<LastKnown>(host, store),
    put: (host, known) => set(host, known, store),
    forget: async (host) => {
      await Promise.all([del(host, store), del(storiesOf(host), store)]);
    },
    stories: (host) => ({
      get: async (run) => (await stories(host)).find((story) => story.run === run)?.events,
      put: async (run, events) => {
        const others = (await stories(host)).filter((story) => story.run !== run);
        await set(storiesOf(host), [...others, { run, events }].slice(-MOST_STORIES), store);
      },
    }),
  };
}
