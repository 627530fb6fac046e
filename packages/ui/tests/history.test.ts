import type { HistoryEntry, HistoryItem, HistoryPage } from '@offdesk/client';
import { expect, test } from 'vitest';
import { conversationIn, placeOfConversation, standingOf, withEarlier } from '../src/history.ts';

test('a conversation is found again by its address, whatever its name', () => {
  for (const one of [{ agent: 'claude', id: 'a-1' }, { agent: 'zed', id: 'x:/?#ü%' }]) {
    const about = placeOfConversation(one).split('/')[2] ?? '';
    expect(conversationIn(about)).toEqual(one);
  }
  for (const bad of [null, '', 'claude', 'claude:', 'a:b:c', 'claude:%E0%A4%A']) expect(conversationIn(bad)).toBeNull();
});

test('what is open elsewhere is said before what it is, and only as surely as it is known', () => {
  const entry = (more: Partial<HistoryEntry>) => standingOf({ live: null, run: null, ...more } as HistoryEntry);
  expect(entry({})).toBeNull();
  expect(entry({ run: 'r' })?.text).toBe('a run');
  expect(entry({ run: 'r', live: { pid: 1, certain: true } })?.text).toBe('open elsewhere');
  expect(entry({ live: { pid: 1, certain: false } })?.text).toBe('may be open');
});

test('what is earlier comes before what is here, each thing once', () => {
  const item = (pos: number) => ({ pos }) as HistoryItem;
  const page = { items: [item(1), item(2), item(3)] } as HistoryPage;
  expect(withEarlier(page, [item(3), item(4)]).map((one) => one.pos)).toEqual([1, 2, 3, 4]);
  expect(withEarlier(page, []).map((one) => one.pos)).toEqual([1, 2, 3]);
});
