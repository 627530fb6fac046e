/** A sticky key: off, on for the next key, or held until it is tapped again. */
export type Sticky = 'off' | 'once' | 'held';

export interface Modifiers {
  ctrl: Sticky;
  alt: Sticky;
}

const NEXT: Record<Sticky, Sticky> = { off: 'once', once: 'held', held: 'off' };

/** Tapped once it changes the next key, twice it stays, a third time it is let go. */
export const tapped = (sticky: Sticky): Sticky => NEXT[sticky];

/** What is left of the sticky keys after a key was typed. */
export const released = ({ ctrl, alt }: Modifiers): Modifiers => ({
  ctrl: ctrl === 'once' ? 'off' : ctrl,
  alt: alt === 'once' ? 'off' : alt,
});

const ARROWS: Record<string, string> = { up: 'A', down: 'B', right: 'C', left: 'D' };
const NAMED: Record<string, string> = { esc: '\u001b', tab: '\t', '^C': '\u0003' };

/**
 * What a terminal reads for a key of the bar or of the keyboard.
 * `application`: the program asked for application cursor keys (DECCKM).
 */
export function keyText(key: string, { ctrl, alt }: Modifiers, application: boolean): string {
  const arrow = ARROWS[key];
  if (arrow) return arrowText(arrow, ctrl !== 'off', alt !== 'off', application);
  const named = NAMED[key];
  const text = named ?? (ctrl === 'off' ? key : withCtrl(key));
  return alt === 'off' ? text : `\u001b${text}`;
}

function arrowText(letter: string, ctrl: boolean, alt: boolean, application: boolean): string {
  // xterm's numbering: 1, and 2 more for Alt, 4 more for Ctrl.
  const modifier = 1 + (alt ? 2 : 0) + (ctrl ? 4 : 0);
  if (modifier > 1) return `\u001b[1;${modifier}${letter}`;
  return `\u001b${application ? 'O' : '['}${letter}`;
}

/** Ctrl with what stands at `@` to `_` in the table clears all but the last five bits; anything else has no such form. */
function withCtrl(text: string): string {
  if (text === ' ') return '\0';
  if (text === '?') return '\u007f';
  const upper = text.toUpperCase();
  return /^[@-_]$/.test(upper) ? String.fromCharCode(upper.charCodeAt(0) & 0x1f) : text;
}
