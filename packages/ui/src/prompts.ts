const KEPT = 'offdesk.said';
const MOST = 30;
/** Longer ones are texts that were pasted, and nobody says those again. */
const LONGEST = 2_000;

/** What was said to agents from here, newest first, each once. */
export function prompts(keep: Pick<Storage, 'getItem' | 'setItem'> = localStorage) {
  const list = (): string[] => {
    try {
      const kept: unknown = JSON.parse(keep.getItem(KEPT) ?? '[]');
      return Array.isArray(kept) ? kept.filter((words): words is string => typeof words === 'string') : [];
    } catch {
      return [];
    }
  };
  return {
    list,
    add(words: string): void {
      if (words === '' || words.length > LONGEST) return;
      keep.setItem(KEPT, JSON.stringify([words, ...list().filter((other) => other !== words)].slice(0, MOST)));
    },
  };
}
