import { t } from './messages/index.ts';
const NAMES: [string, string][] = [
  ['\u001b[A', '↑'], ['\u001bOA', '↑'], ['\u001b[B', '↓'], ['\u001bOB', '↓'], ['\r', '⏎'], ['\u001b', 'Esc'], ['\t', 'Tab'], [' ', 'Space'],
];
/** What a key is called, where that differs between languages. */
const called = (key: string) => (key === 'Space' ? t.story.spaceKey : key);

/** Keys as a person reads them on their keyboard: what a quick reply sends is never hidden behind what it is called. */
export function keyWords(keys: string): string {
  const words: string[] = [];
  let plain = '';
  let rest = keys;
  const flush = () => {
    if (plain) words.push(plain);
    plain = '';
  };
  while (rest) {
    const named = NAMES.find(([text]) => rest.startsWith(text));
    const [text] = named ?? [String.fromCodePoint(rest.codePointAt(0) ?? 0)];
    if (named) {
      flush();
      words.push(called(named[1]));
    } else if (text < ' ') {
      flush();
      words.push(`Ctrl+${String.fromCharCode(text.charCodeAt(0) + 64)}`);
    } else {
      plain += text;
    }
    rest = rest.slice(text.length);
  }
  flush();
  return words.join(' ');
}
