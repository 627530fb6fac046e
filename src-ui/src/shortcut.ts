// Keys as a person presses them, and as the system knows them.

/** What was pressed: a whole shortcut, one that needs another key, or one that can't be. */
export type Pressed = { kind: 'whole'; keys: string } | { kind: 'part'; keys: string } | { kind: 'bare'; keys: string };

export interface Press {
  code: string;
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  metaKey: boolean;
}

const MODIFIERS = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'OS']);
const NAMED: Record<string, string> = { Space: 'Space', Enter: 'Enter', Tab: 'Tab', ArrowUp: 'Up', ArrowDown: 'Down', ArrowLeft: 'Left', ArrowRight: 'Right' };

/** A key by its place, so that Shift and the layout don't change its name. */
function keyOf({ code }: Press): string | null {
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  const [, digit] = /^Digit(\d)$/.exec(code) ?? [];
  if (letter ?? digit) return (letter ?? digit)!;
  if (/^F([1-9]|1\d|2[0-4])$/.test(code)) return code;
  return NAMED[code] ?? (/^(Home|End|PageUp|PageDown|Insert|Delete|Backspace|Minus|Equal|BracketLeft|BracketRight|Backslash|Semicolon|Quote|Backquote|Comma|Period|Slash)$/.test(code) ? code : null);
}

/** The shortcut in a press; nothing for a key the system cannot listen to. */
export function pressed(press: Press, mac: boolean): Pressed | null {
  const main = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  const held = [main && 'CommandOrControl', other && (mac ? 'Control' : 'Super'), press.altKey && 'Alt', press.shiftKey && 'Shift'].filter((one) => one !== false);
  if (MODIFIERS.has(press.key)) return { kind: 'part', keys: held.join('+') };
  const key = keyOf(press);
  if (key === null) return null;
  const keys = [...held, key].join('+');
  // A letter alone, or with Shift, would be taken from everybody who types.
  const bare = !main && !other && !press.altKey && !/^F\d/.test(key);
  return { kind: bare ? 'bare' : 'whole', keys };
}

/** A shortcut for the eye. */
export function shown(keys: string, mac: boolean): string {
  const words: Record<string, string> = { CommandOrControl: mac ? '⌘' : 'Ctrl', Control: mac ? '⌃' : 'Ctrl', Super: 'Super', Alt: mac ? '⌥' : 'Alt', Shift: mac ? '⇧' : 'Shift' };
  return keys.split('+').map((key) => words[key] ?? key).join(mac ? ' ' : ' + ');
}
