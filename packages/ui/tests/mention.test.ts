import { expect, test } from 'vitest';
import { mentionAt, named, taken } from '../src/mention.ts';

test('a mention is what stands between an @ and the caret', () => {
  expect(mentionAt('Read @src/ma', 12)).toEqual({ at: 5, word: 'src/ma' });
  expect(mentionAt('@', 1)).toEqual({ at: 0, word: '' });
  expect(mentionAt('(@a', 3)).toEqual({ at: 1, word: 'a' });
  expect(mentionAt('ada@example', 11)).toBeNull();
  expect(mentionAt('Read @src and', 13)).toBeNull();
  expect(mentionAt('Read @src and', 9)).toEqual({ at: 5, word: 'src' });
  expect(mentionAt('Read @src', -1)).toBeNull();
});

test('each agent is told a path as it expects it', () => {
  expect(named('claude', 'src/main.rs')).toBe('@src/main.rs');
  expect(named('claude', 'my notes.md')).toBe('@"my notes.md"');
  expect(named('gemini', 'my notes.md')).toBe('@my\\ notes.md');
  expect(named('codex', 'src/main.rs')).toBe('src/main.rs');
  expect(named('demo', 'my notes.md')).toBe('`my notes.md`');
});

test('what was typed gives way to the path, and what follows stays', () => {
  expect(taken('Read @ma and say', { at: 5, word: 'ma' }, '@main.rs')).toEqual({ text: 'Read @main.rs and say', caret: 14 });
  expect(taken('@ma', { at: 0, word: 'ma' }, 'main.rs')).toEqual({ text: 'main.rs ', caret: 8 });
});
