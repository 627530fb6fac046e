import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { visible } from '../src/index.ts';

const table = JSON.parse(readFileSync(new URL('../../../fixtures/text/visible.json', import.meta.url), 'utf8')) as [string, string][];

test('what cannot be seen is shown, as the rest of the house shows it', () => {
  expect(table.length).toBeGreaterThan(10);
  for (const [text, shown] of table) expect(visible(text)).toBe(shown);
});
