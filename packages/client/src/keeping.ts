// What waits to be sent outlives the page, and a phone that throws the page away.
import type { Keep } from './outbox.svelte.ts';

interface Waiting {
  id: string;
}

/**
 * Keeps lists of what waits in a storage that all tabs of a page share: each tab changes what it knows of and leaves the
 * rest alone. Two tabs may send the same thing; its id makes that one. `place`: what waits for one host goes to no other.
 */
export function sharedKeep(storage: Keep, place: string, before?: Keep): Keep {
  const known = new Map<string, Set<string>>();
  const read = (keep: Keep, name: string): Waiting[] => {
    try {
      const list: unknown = JSON.parse(keep.getItem(name) ?? '[]');
      return Array.isArray(list) ? (list as Waiting[]) : [];
    } catch {
      return [];
    }
  };
  return {
    getItem(name) {
      const list = read(storage, `${name}/${place}`);
      // Earlier pages kept it in the tab.
      for (const one of before ? read(before, name) : []) if (!list.some(({ id }) => id === one.id)) list.push(one);
      known.set(name, new Set(list.map(({ id }) => id)));
      return JSON.stringify(list);
    },
    setItem(name, value) {
      const own = JSON.parse(value) as Waiting[];
      const seen = known.get(name) ?? new Set();
      const others = read(storage, `${name}/${place}`).filter(({ id }) => !seen.has(id) && !own.some((one) => one.id === id));
      known.set(name, new Set(own.map(({ id }) => id)));
      storage.setItem(`${name}/${place}`, JSON.stringify([...others, ...own]));
      before?.setItem(name, '[]');
    },
  };
}
