import type { Item } from '@offdesk/client';
import { expect, test } from 'vitest';
import { prompts } from '../src/prompts.ts';
import { asText, outcomeOf, placesOf } from '../src/story.ts';

type Tool = Extract<Item, { kind: 'tool' }>;
const tool = (more: Partial<Tool>): Tool => ({ key: 't', at: '', kind: 'tool', title: 'ls', tool: 'Bash', status: 'ok', output: '', truncated: 0, diffs: [], ...more });
const message = (text: string): Item => ({ key: text, at: '', kind: 'message', text, thought: false, streaming: false });

test('words, errors and requests are found where they are', () => {
  const items: Item[] = [message('I look for Apples'), tool({ status: 'failed', output: 'no such file' }), { key: 'a', at: '', kind: 'approval', id: 'a' }, message('done')];
  expect(placesOf(items, { type: 'words', words: ' apples ' })).toEqual([0]);
  expect(placesOf(items, { type: 'words', words: 'SUCH' })).toEqual([1]);
  expect(placesOf(items, { type: 'words', words: '' })).toEqual([]);
  expect(placesOf(items, { type: 'errors' })).toEqual([1]);
  expect(placesOf(items, { type: 'requests' })).toEqual([2]);
});

test.each([
  [{ status: 'running' as const }, ''],
  [{ output: 'a\nb\nc\n' }, '3 lines'],
  [{ output: 'made it' }, 'made it'],
  [{ status: 'failed' as const, output: 'trace\nError: no\n' }, 'Error: no'],
  [{ diffs: [{ path: 'a', unified: '@@ -1 +1,2 @@\n-x\n+y\n+z\n', baseHash: null, created: false }] }, '+2 −1'],
])('what came of a tool, in a line: %j', (more, line) => expect(outcomeOf(tool(more))).toBe(line));

test('the story is handed on without what the agent only thought', () => {
  expect(asText([{ key: 'p', at: '', kind: 'prompt', id: 'p', text: 'do\nit', delivered: true, files: [] }, { ...message('hm'), thought: true } as Item, message('Done.')])).toBe('> do\n> it\n\nDone.\n');
});

test('what was said is remembered once, the newest first, whatever was kept before', () => {
  const kept = new Map([['offdesk.said', 'no list']]);
  const said = prompts({ getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) });
  expect(said.list()).toEqual([]);
  for (const words of ['one', 'two', 'one', '', 'x'.repeat(3_000)]) said.add(words);
  expect(said.list()).toEqual(['one', 'two']);
});
