/** A sticky key: off, on for the next key, or held until it is tapped again. */
export type Sticky = 'off' | 'once' | 'held';

export interface Modifiers {
  ctrl: Sticky;
  alt: Sticky;
  /** Shows the keys of the second row: F1 to F12, Home, End and the like. */
  fn: Sticky;
}

export const NO_MODIFIERS: Modifiers = { ctrl: 'off', alt: 'off', fn: 'off' };

const NEXT: Record<Sticky, Sticky> = { off: 'once', once: 'held', held: 'off' };

/** Tapped once it changes the next key, twice it stays, a third time it is let go. */
export const tapped = (sticky: Sticky): Sticky => NEXT[sticky];

const after = (sticky: Sticky): Sticky => (sticky === 'once' ? 'off' : sticky);

/** What is left of the sticky keys after a key was typed. */
export const released = ({ ctrl, alt, fn }: Modifiers): Modifiers => ({ ctrl: after(ctrl), alt: after(alt), fn: after(fn) });

/** Keys that end in a letter: arrows, Home and End follow the mode the program asked for, F1 to F4 do not. */
const LETTERED: Record<string, string> = { up: 'A', down: 'B', right: 'C', left: 'D', home: 'H', end: 'F' };
const FIRST_FOUR: Record<string, string> = { F1: 'P', F2: 'Q', F3: 'R', F4: 'S' };
/** Keys that are a number before a tilde. */
const NUMBERED: Record<string, number> = {
  ins: 2, del: 3, pgup: 5, pgdn: 6, F5: 15, F6: 17, F7: 18, F8: 19, F9: 20, F10: 21, F11: 23, F12: 24,
};
const NAMED: Record<string, string> = { esc: '\u001b', tab: '\t', backtab: '\u001b[Z', '^C': '\u0003' };

/**
 * What a terminal reads for a key of the bar or of the keyboard.
 * `application`: the program asked for application cursor keys (DECCKM).
 */
export function keyText(key: string, { ctrl, alt }: Modifiers, application: boolean): string {
  // xterm's numbering: 1, and 2 more for Alt, 4 more for Ctrl.
  const modifier = 1 + (alt !== 'off' ? 2 : 0) + (ctrl !== 'off' ? 4 : 0);
  const letter = LETTERED[key] ?? FIRST_FOUR[key];
  if (letter) {
    if (modifier > 1) return `\u001b[1;${modifier}${letter}`;
    return `\u001b${application || key in FIRST_FOUR ? 'O' : '['}${letter}`;
  }
  const number = NUMBERED[key];
  if (number) return modifier > 1 ? `\u001b[${number};${modifier}~` : `\u001b[${number}~`;
  const named = NAMED[key];
  const text = named ?? (ctrl === 'off' ? key : withCtrl(key));
  return alt === 'off' ? text : `\u001b${text}`;
}

/** Ctrl with what stands at `@` to `_` in the table clears all but the last five bits; anything else has no such form. */
function withCtrl(text: string): string {
  if (text === ' ') return '\0';
  if (text === '?') return '\u007f';
  const upper = text.toUpperCase();
  return /^[@-_]$/.test(upper) ? String.fromCharCode(upper.charCodeAt(0) & 0x1f) : text;
}
