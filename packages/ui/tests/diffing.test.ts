import { diffLines } from '@offdesk/client';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changedWords, paint } from '../src/diffing.ts';

const marked = (text: string, ranges: [number, number][] | undefined) => ranges?.map(([from, to]) => text.slice(from, to));

test('the words that changed are marked, and a line that was replaced is not', () => {
  const [before, after] = ['const sum = amount * rate;', 'const sum = round(amount * rate);'];
  const words = changedWords(before, after);
  expect(marked(after, words?.after)?.join('')).toBe('round()');
  expect(words?.before).toEqual([]);
  expect(changedWords('let a = 1;', 'return somebody.else(entirely);')).toBeNull();
  expect(changedWords('x'.repeat(5_000), 'x'.repeat(5_001)), 'nobody compares such a line').toBeNull();
});

test('keywords have their colour, also beside a changed word', async () => {
  const [, , removed, added] = await paint(diffLines('@@ -1,2 +1,2 @@\n fn main() {\n-    let a = "one";\n+    let b = "one";\n'), 'src/main.rs');
  expect(removed?.find((piece) => piece.text === 'let')?.colour).toBe('keyword');
  expect(added?.filter((piece) => piece.changed).map((piece) => piece.text)).toEqual(['b']);
  expect(added?.find((piece) => piece.text.includes('one'))?.colour).toBe('string');
});

test('whatever a file holds, what is shown is letter for letter what is in the diff', async () => {
  const line = fc.oneof(fc.string(), fc.constantFrom('<script>alert(1)</script>', '</span><b>', '&lt;&amp;', '`${"', '/* never closed', '"""', '\u202e turned'));
  const lines = fc.array(fc.tuple(fc.constantFrom(' ', '+', '-'), line.map((text) => text.replace(/[\n\r]/g, ' '))), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(lines, fc.constantFrom('a.ts', 'a.html', 'a.py', 'a.rs', 'a.txt', 'a.json', 'a.sh'), async (made, path) => {
      const unified = ['@@ -1 +1 @@', ...made.map(([sign, text]) => sign + text)].join('\n');
      const shown = diffLines(unified);
      const painted = await paint(shown, path);
      shown.forEach((one, index) => {
        if (one.kind !== 'place') expect(painted[index]?.map((piece) => piece.text).join('')).toBe(one.text.slice(1));
      });
    }),
    { numRuns: 60 },
  );
});
