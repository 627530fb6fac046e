// What makes a diff easier to read: which words changed, and the colours of its language. Loaded when one is shown.
import type { DiffLine } from '@offdesk/client';
import { diffWordsWithSpace } from 'diff';
import { coloured, type Colour } from './syntax.ts';

/** A stretch of a line. */
export interface Piece {
  text: string;
  colour: Colour | null;
  /** It differs from the line it replaces. */
  changed: boolean;
}

/** Longer lines are no lines that somebody compares word by word. */
const LONGEST = 1_500;
/** A word diff of one pair takes no longer. */
const PATIENCE_MS = 20;
/** With less in common, a line was not changed but replaced. */
const ALIKE = 0.35;

type Range = [from: number, to: number];

/** Where two lines differ, in each; nothing when they are too different to say. */
export function changedWords(before: string, after: string): { before: Range[]; after: Range[] } | null {
  if (before.length > LONGEST || after.length > LONGEST) return null;
  const parts = diffWordsWithSpace(before, after, { timeout: PATIENCE_MS });
  if (!parts) return null;
  const found = { before: [] as Range[], after: [] as Range[] };
  let [at, to, same] = [0, 0, 0];
  for (const { value, added, removed } of parts) {
    if (removed) found.before.push([at, (at += value.length)]);
    else if (added) found.after.push([to, (to += value.length)]);
    else {
      at += value.length;
      to += value.length;
      same += value.trim().length;
    }
  }
  const length = Math.max(before.trim().length, after.trim().length);
  return length > 0 && same / length >= ALIKE ? found : null;
}

/** Pairs of a removed line and the added one that stands in its place, by index. */
function pairs(lines: DiffLine[]): [number, number][] {
  const found: [number, number][] = [];
  for (let at = 0; at < lines.length; ) {
    const run = (kind: DiffLine['kind'], from: number) => {
      let to = from;
      while (lines[to]?.kind === kind) to++;
      return to;
    };
    const removed = run('remove', at);
    const added = run('add', removed);
    for (let n = 0; at + n < removed && removed + n < added; n++) found.push([at + n, removed + n]);
    at = Math.max(added, at + 1);
  }
  return found;
}

/** Cuts stretches of one colour where a changed part begins or ends. */
function cut(pieces: { text: string; colour: Colour | null }[], ranges: Range[]): Piece[] {
  const made: Piece[] = [];
  let at = 0;
  for (const { text, colour } of pieces) {
    const borders = ranges.flat().map((place) => place - at).filter((place) => place > 0 && place < text.length);
    let from = 0;
    for (const to of [...borders, text.length]) {
      const begins = at + from;
      if (to > from) made.push({ text: text.slice(from, to), colour, changed: ranges.some(([start, end]) => begins >= start && begins < end) });
      from = to;
    }
    at += text.length;
  }
  return made;
}

const code = (line: DiffLine) => line.text.slice(1);

/** Each line of a diff as its stretches; a place line stays empty. */
export async function paint(lines: DiffLine[], path: string): Promise<Piece[][]> {
  const colours = new Map<number, { text: string; colour: Colour | null }[]>();
  for (const side of ['remove', 'add'] as const) {
    const own = lines.map((line, index) => ({ line, index })).filter(({ line }) => line.kind === side || line.kind === 'same');
    const painted = await coloured(own.map(({ line }) => code(line)), path);
    own.forEach(({ index }, place) => colours.set(index, painted[place] ?? []));
  }
  const changed = new Map<number, Range[]>();
  for (const [removed, added] of pairs(lines)) {
    const words = changedWords(code(lines[removed]!), code(lines[added]!));
    if (!words) continue;
    changed.set(removed, words.before);
    changed.set(added, words.after);
  }
  return lines.map((line, index) => (line.kind === 'place' ? [] : cut(colours.get(index) ?? [{ text: code(line), colour: null }], changed.get(index) ?? [])));
}
