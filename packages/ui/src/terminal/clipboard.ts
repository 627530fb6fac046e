// What a program asks of the clipboard (OSC 52), and what is pasted into a terminal. Both are others' text.

/** More than this is no piece of text somebody would want to look at first. */
const LONGEST = 100_000;
/** How much is shown before somebody asks for all. */
const GLANCE = 200;

export type Asked =
  | { kind: 'set'; text: string }
  /** It wants to read: always refused, and never answered. */
  | { kind: 'read' }
  | { kind: 'tooLong' }
  /** To clear it, or nothing that can be understood. */
  | { kind: 'nothing' };

/** What `OSC 52 ; targets ; data` asks for. */
export function askedByOsc52(sequence: string): Asked {
  const cut = sequence.indexOf(';');
  const data = cut < 0 ? '' : sequence.slice(cut + 1);
  if (data === '?') return { kind: 'read' };
  if (data.length > (LONGEST * 4) / 3 + 4) return { kind: 'tooLong' };
  try {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const text = new TextDecoder().decode(bytes);
    return text === '' ? { kind: 'nothing' } : { kind: 'set', text };
  } catch {
    return { kind: 'nothing' };
  }
}

/** The beginning of a long text, and how many characters follow. */
export function glance(text: string): { start: string; more: number } {
  const letters = [...text];
  return letters.length <= GLANCE ? { start: text, more: 0 } : { start: letters.slice(0, GLANCE).join(''), more: letters.length - GLANCE };
}

/** Control characters but tab and line ends: they would act as keys, or end what marks a paste as one. */
const KEYS = /[^\P{Cc}\t\n\r]/gu;

/** What may be pasted: the text without what would act as keys. */
export const pastable = (text: string) => text.replace(KEYS, '');

export const lineCount = (text: string) => text.replace(/(\r\n|\r|\n)$/, '').split(/\r\n|\r|\n/).length;

/** Whether it is shown before it is pasted: a line end may run what stands before it. */
export const looksFirst = (text: string) => /[\r\n]/.test(text);
