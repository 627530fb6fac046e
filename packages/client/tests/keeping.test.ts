import { expect, test } from 'vitest';
import { sharedKeep } from '../src/keeping.ts';
import type { Keep } from '../src/outbox.svelte.ts';

function storage(): Keep {
  const kept = new Map<string, string>();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) };
}
const ids = (keep: Keep) => (JSON.parse(keep.getItem('out') ?? '[]') as { id: string }[]).map(({ id }) => id);
const put = (keep: Keep, ...list: string[]) => keep.setItem('out', JSON.stringify(list.map((id) => ({ id }))));

test('what two tabs have not sent yet is all there when the page is opened again', () => {
  const shared = storage();
  const one = sharedKeep(shared, 'h');
  const two = sharedKeep(shared, 'h');
  expect(ids(one)).toEqual([]);
  expect(ids(two)).toEqual([]);
  put(one, 'a');
  put(two, 'b', 'c');
  put(one);
  expect(ids(sharedKeep(shared, 'h'))).toEqual(['b', 'c']);
});

test('a tab that was opened later may finish what another left, and takes nothing else away', () => {
  const shared = storage();
  put(sharedKeep(shared, 'h'), 'a', 'b');
  const later = sharedKeep(shared, 'h');
  expect(ids(later)).toEqual(['a', 'b']);
  put(sharedKeep(shared, 'h'), 'c');
  put(later, 'b');
  expect(ids(sharedKeep(shared, 'h')).sort()).toEqual(['b', 'c']);
});

test('what waits for one computer goes to no other, and what an earlier page left in the tab comes along', () => {
  const [shared, tab] = [storage(), storage()];
  put(tab, 'old');
  const keep = sharedKeep(shared, 'h', tab);
  expect(ids(keep)).toEqual(['old']);
  put(keep, 'old', 'new');
  expect(ids(tab)).toEqual([]);
  expect(ids(sharedKeep(shared, 'h', tab))).toEqual(['old', 'new']);
  expect(ids(sharedKeep(shared, 'other', tab))).toEqual([]);
});
