// Agent output is hostile: what would change how other text is read is shown as what it is.

/** Control, format and invisible characters, and spaces that only look like one. Newlines and tabs stay. */
const HIDDEN =
  /[^\P{Cc}\n\t]|[^\P{Zs} ]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0]|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;
/** Control characters, and those that turn the order of what follows around. */
const TURNING = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;

const escape = (text: string, what: RegExp) =>
  text.replace(what, (hidden) => `⟨U+${hidden.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`);

/** The text with everything that cannot be seen as `⟨U+202E⟩`: for what will run, and for names. */
export function visible(text: string): string {
  return escape(text, HIDDEN);
}

const LINE_ENDS = /\r\n/g;
/** What only colours. Without it the text says the same, and nothing can be written in the ground's colour. */
const COLOURS = /\u001b\[[\d;:]*m/g;

/** The same for what people, agents and programs say, where joiners and special spaces are part of writing and of emoji. */
export function prose(text: string): string {
  return escape(text.replace(LINE_ENDS, '\n').replace(COLOURS, ''), TURNING);
}

export interface Part {
  text: string;
  /** What chains, redirects or substitutes: worth a second look. */
  mark: boolean;
}

const CHAIN = /(&&|\|\||;|\||&|>>|>|<<<?|<|\$\(|`|\n)/;

/** A command cut where one thing ends and the next begins. A help for the eye, never a decision. */
export function commandParts(command: string): Part[] {
  return visible(command)
    .split(CHAIN)
    .filter((text) => text !== '')
    .map((text) => ({ text, mark: CHAIN.test(text) }));
}

export interface DiffLine {
  kind: 'add' | 'remove' | 'place' | 'same';
  text: string;
}

/** A unified diff, line by line. */
export function diffLines(unified: string): DiffLine[] {
  const lines = unified.endsWith('\n') ? unified.slice(0, -1).split('\n') : unified.split('\n');
  return lines.map((line) => {
    const text = visible(line);
    if (line.startsWith('@@')) return { kind: 'place', text };
    if (line.startsWith('+')) return { kind: 'add', text };
    if (line.startsWith('-')) return { kind: 'remove', text };
    return { kind: 'same', text };
  });
}
