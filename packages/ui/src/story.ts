// A run's story as it is looked through.
import { t, type Item } from '@offdesk/client';

/** What is looked for: words, what went wrong, or what was asked. */
export type Wanted = { type: 'words'; words: string } | { type: 'errors' } | { type: 'requests' };

/** The words of an item. */
export function wordsOf(item: Item): string {
  switch (item.kind) {
    case 'prompt':
      return [item.text, ...item.files].join('\n');
    case 'tool':
      return [item.title, item.output, ...item.diffs.map((diff) => `${diff.path}\n${diff.unified}`)].join('\n');
    case 'message':
    case 'notice':
    case 'end':
      return item.text;
    default:
      return '';
  }
}

const failed = (item: Item) =>
  (item.kind === 'tool' && item.status === 'failed') || (item.kind === 'end' && item.bad) || (item.kind === 'notice' && item.level === 'error');

/** Where in the story something is, by place. */
export function placesOf(items: Item[], wanted: Wanted): number[] {
  const words = wanted.type === 'words' ? wanted.words.trim().toLowerCase() : '';
  const holds = (item: Item) => {
    if (wanted.type === 'errors') return failed(item);
    if (wanted.type === 'requests') return item.kind === 'approval';
    return words !== '' && wordsOf(item).toLowerCase().includes(words);
  };
  return items.flatMap((item, place) => (holds(item) ? [place] : []));
}

/** What came of a tool, in a few words; nothing while it runs. */
export function outcomeOf(item: Extract<Item, { kind: 'tool' }>): string {
  if (item.status === 'running') return '';
  if (item.diffs.length > 0) {
    const count = (sign: string) => item.diffs.reduce((all, diff) => all + diff.unified.split('\n').filter((line) => line.startsWith(sign)).length, 0);
    return `+${count('+')} −${count('-')}`;
  }
  if (item.status === 'denied') return t.toolStates.denied;
  if (item.status === 'ended') return t.story.cutShort;
  const lines = item.output.trim() === '' ? [] : item.output.trimEnd().split('\n');
  if (item.status === 'failed') return lines.at(-1)?.slice(0, 120) ?? t.toolStates.failed;
  return lines.length > 1 ? t.story.lines(lines.length) : (lines[0]?.slice(0, 80) ?? '');
}

/** The story as plain text, to be handed on. */
export function asText(items: Item[]): string {
  const lines = items.flatMap((item) => {
    switch (item.kind) {
      case 'prompt':
        return [`> ${item.text.replaceAll('\n', '\n> ')}`];
      case 'message':
        return item.thought ? [] : [item.text];
      case 'tool':
        return [`[${t.toolStates[item.status]}] ${item.title}`];
      case 'notice':
      case 'end':
        return [`(${item.text})`];
      default:
        return [];
    }
  });
  return `${lines.join('\n\n')}\n`;
}
