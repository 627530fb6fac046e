import { expect, test } from 'vitest';
import { beginWith, suggestName } from '../src/presets.ts';

test('a preset’s words come first, what was typed is kept, and another preset takes the place of the first', () => {
  expect(beginWith('Review this:', '', '')).toBe('Review this:');
  expect(beginWith('Review this:', 'the last commit', '')).toBe('Review this:\nthe last commit');
  expect(beginWith('Tidy up ', 'Review this:\nthe last commit', 'Review this:')).toBe('Tidy up the last commit');
  expect(beginWith('Tidy up ', 'Review this:', 'Review this:')).toBe('Tidy up ');
  expect(beginWith('Review this:', 'Review this: and that', '')).toBe('Review this: and that');
  expect(beginWith('', 'Review this:\nthe last commit', 'Review this:')).toBe('the last commit');
});

test('a preset is called by its first words, or by where it works', () => {
  expect(suggestName('\n  Look   for flaky tests and say why they are\nmore', 'claude', 'web')).toBe('Look for flaky tests and say w');
  expect(suggestName('', 'claude', 'web')).toBe('claude in web');
});
