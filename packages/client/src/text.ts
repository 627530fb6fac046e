// Agent output is hostile: what would change how other text is read is shown as what it is.

const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** The text with control, bidi and zero-width characters as `⟨U+202E⟩`. Newlines and tabs stay. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (hidden) => {
    const code = hidden.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return `⟨U+${code}⟩`;
  });
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

/** How long ago, shortly. */
export function ago(then: string | number, now: number): string {
  const seconds = Math.max(0, Math.round((now - new Date(then).getTime()) / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
