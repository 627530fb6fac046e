// The one line that starts a run: `/agent @folder words`. What of it is an agent, a folder, and what is said.
import { childOf, folderName } from '@offdesk/client';

/** A word that is being typed and may be completed. */
export interface Token {
  kind: 'agent' | 'folder';
  word: string;
  from: number;
  to: number;
}

/** What a token may become. */
export interface Suggestion {
  value: string;
  label: string;
  detail: string;
}

/** The folders that are known so far. */
export interface Places {
  roots: string[];
  /** Used lately, the latest first. */
  recent: string[];
  /** Sub-folders' names by folder, as far as they were asked for. */
  children: ReadonlyMap<string, string[]>;
}

/** The most that are offered at once. */
export const OFFERED = 6;

/** The token at the caret. An agent stands before the words: later a `/` is a path or a remark. */
export function tokenAt(text: string, caret: number): Token | null {
  const found = /(?:^|\s)([/@])(\S*)$/.exec(text.slice(0, caret));
  if (!found) return null;
  const word = found[2] ?? '';
  const from = caret - word.length - 1;
  const to = caret + (/^\S*/.exec(text.slice(caret))?.[0].length ?? 0);
  if (found[1] === '@') return { kind: 'folder', word: text.slice(from + 1, to), from, to };
  const leads = /^\s*(@\S+\s+)*$/.test(text.slice(0, from));
  return leads && !word.includes('/') ? { kind: 'agent', word: text.slice(from + 1, to), from, to } : null;
}

/** The line without a token that became a chip. */
export function without(text: string, token: Token): { text: string; caret: number } {
  const before = text.slice(0, token.from);
  const after = text.slice(token.to);
  // The blank that parted it from its neighbour goes with it.
  return before === '' || /\s$/.test(before) ? { text: before + after.replace(/^\s/, ''), caret: before.length } : { text: before + after, caret: before.length };
}

const byMatch = (word: string) => (a: Suggestion, b: Suggestion) => {
  const rank = ({ label }: Suggestion) => (label.toLowerCase().startsWith(word) ? 0 : 1);
  return rank(a) - rank(b);
};

export function suggestAgents(word: string, agents: { kind: string; name: string; found: boolean }[]): Suggestion[] {
  const wanted = word.toLowerCase();
  return agents
    .filter((agent) => agent.found && (agent.kind.toLowerCase().includes(wanted) || agent.name.toLowerCase().includes(wanted)))
    .map((agent) => ({ value: agent.kind, label: agent.kind, detail: agent.name }))
    .sort(byMatch(wanted))
    .slice(0, OFFERED);
}

const SEPARATOR = /[/\\](?=[^/\\]*$)/;

/** A path from the top: the folder it names as far as it is whole, and the rest. */
export function parted(path: string): { base: string; rest: string } | null {
  const at = path.search(SEPARATOR);
  if (at < 0 || !/^([/\\]|[A-Za-z]:)/.test(path)) return null;
  const base = path.slice(0, at);
  // The top itself ends with its separator.
  return { base: base === '' || /^[A-Za-z]:$/.test(base) ? path.slice(0, at + 1) : base, rest: path.slice(at + 1) };
}

/** The same for a path that may begin in a root. */
function pathIn(word: string, [root]: string[]): { base: string; rest: string } | null {
  const whole = parted(word);
  const at = word.search(SEPARATOR);
  if (whole || at < 0 || root === undefined) return whole;
  return { base: word.slice(0, at).split(/[/\\]/).reduce(childOf, root), rest: word.slice(at + 1) };
}

/** The folders whose sub-folders must be known to complete this word. `inside`: the folder that was gone into. */
export function toList(word: string, inside: string | null, places: Places): string[] {
  const path = pathIn(word, places.roots);
  const wanted = path ? [path.base] : inside !== null ? [inside] : places.roots;
  return wanted.filter((dir) => !places.children.has(dir));
}

export function suggestFolders(word: string, inside: string | null, places: Places): Suggestion[] {
  const path = pathIn(word, places.roots);
  const rest = (path ? path.rest : word).toLowerCase();
  const below = (dir: string) => (places.children.get(dir) ?? []).map((name) => childOf(dir, name));
  const known = path ? below(path.base) : inside !== null ? below(inside) : [...places.recent, ...places.roots, ...places.roots.flatMap(below)];
  return [...new Set(known)]
    .filter((dir) => folderName(dir).toLowerCase().includes(rest))
    .map((dir) => ({ value: dir, label: folderName(dir), detail: dir }))
    .sort(byMatch(rest))
    .slice(0, OFFERED);
}

/** What a line asks for: tokens before the words that name an agent or a folder exactly, and the words. */
export interface Order {
  agent: string | null;
  dir: string | null;
  words: string;
}

export function orderOf(text: string, agents: { kind: string; found: boolean }[], places: Places): Order {
  const order: Order = { agent: null, dir: null, words: text.trim() };
  for (;;) {
    const [whole, sign, word] = /^([/@])(\S+)(?:\s+|$)/.exec(order.words) ?? [];
    if (!whole || !word) return order;
    if (sign === '/') {
      if (order.agent !== null || !agents.some((agent) => agent.kind === word && agent.found)) return order;
      order.agent = word;
    } else {
      const named = [...new Set([...places.recent, ...places.roots])].filter((dir) => dir === word || folderName(dir) === word);
      const [dir] = named;
      // Two folders of one name: the person must choose.
      if (order.dir !== null || dir === undefined || named.length > 1) return order;
      order.dir = dir;
    }
    order.words = order.words.slice(whole.length).trimStart();
  }
}
