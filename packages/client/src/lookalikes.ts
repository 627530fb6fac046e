import { t } from './messages/index.ts';
/** Letters of alphabets whose letters pass for Latin ones. */
const OTHER = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\uff21-\uff5a]/u;
const LATIN = /[A-Za-z]/;
const WORD = /[\p{L}\p{N}]+/gu;
const MOST = 5;

/** Words that mix Latin letters with such that only look like them, each with the letters and their numbers. */
export function lookalikes(text: string): string[] {
  const found = new Set<string>();
  for (const [word] of text.matchAll(WORD)) {
    if (!LATIN.test(word) || !OTHER.test(word)) continue;
    const letters = [...new Set([...word].filter((letter) => OTHER.test(letter)))];
    found.add(`${word}: ${letters.map((letter) => t.receipt.letterIs(letter, `U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`)).join(', ')}`);
    if (found.size === MOST) break;
  }
  return [...found];
}
