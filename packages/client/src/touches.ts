import { commandParts, visible } from './text.ts';
import type { CautionKind, Touches } from './types.gen.ts';

/** A stretch of a command's text, as it is shown. */
export interface Stretch {
  text: string;
  /** What stands between commands: chains, redirects, substitutes. */
  mark: boolean;
  /** A command that deserves more than a glance. */
  grave: boolean;
}

const GRAVE: CautionKind[] = ['irreversible', 'privilege', 'runsFromNetwork'];

/** A command cut into its parts, as the gateway read it; without a reading, cut where something chains. */
export function stretches(command: string, touches: Touches | undefined): Stretch[] {
  if (!touches || touches.parts.length === 0) return commandParts(command).map((part) => ({ ...part, grave: false }));
  const grave = new Set(touches.cautions.filter((caution) => GRAVE.includes(caution.kind)).map((caution) => caution.part));
  // Places are bytes of UTF-8. Parts come in the order they are written, outer ones first, so the last one painted is the innermost.
  const bytes = new TextEncoder().encode(command);
  const owner = new Int32Array(bytes.length).fill(-1);
  touches.parts.forEach((part, index) => owner.fill(index, part.start, part.end));
  const found: Stretch[] = [];
  const text = new TextDecoder();
  for (let from = 0; from < bytes.length; ) {
    let to = from + 1;
    while (to < bytes.length && owner[to] === owner[from]) to++;
    const shown = visible(text.decode(bytes.subarray(from, to)));
    found.push({ text: shown, mark: owner[from] === -1 && shown.trim() !== '', grave: grave.has(owner[from]!) });
    from = to;
  }
  return found;
}
