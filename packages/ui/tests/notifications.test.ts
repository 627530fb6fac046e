import type { Delivery, Notification } from '@offdesk/client';
import { expect, test } from 'vitest';
import { receiptOf, settled, turned, verdictOf } from '../src/notifications.ts';

const delivery = (state: Delivery['state'], more: Partial<Delivery> = {}): Delivery => ({
  to: { type: 'device', device: 'd', subscription: 's' }, name: 'Pixel', state, queuedAt: '', acceptedAt: null, shownAt: null, openedAt: null,
  tries: 1, againAt: null, why: null, takingBack: null, ...more,
});
const notification = (...deliveries: Delivery[]): Notification => ({
  id: 'n', key: 'test/n', reason: 'test', run: null, title: '', body: '', place: '/', decidable: null, madeAt: '', dueAt: '', ended: null,
  sent: true, escalated: true, deliveries,
});

test('a test says where it broke', () => {
  const channel = { type: 'channel', channel: 'c' } as const;
  const cases: [Notification, boolean, RegExp][] = [
    [notification(delivery('queued', { tries: 0 })), false, /On its way/],
    [notification(delivery('accepted')), false, /On its way/],
    [notification(delivery('accepted')), true, /Pixel has not shown it/],
    [notification(delivery('shown')), false, /It was shown/],
    [notification(delivery('opened'), delivery('accepted')), false, /all of it works/],
    [notification(delivery('gone', { why: 'The push service answered 410.' })), false, /broke at Pixel: not there any more. The push service answered 410/],
    [notification(delivery('queued', { why: 'ntfy did not answer in time.', to: channel, name: 'ntfy' })), false, /ntfy: waits to be sent again/],
    [notification(delivery('accepted', { to: channel })), false, /taken everywhere/],
  ];
  for (const [one, late, said] of cases) expect(verdictOf(one, late)).toMatch(said);
  expect(settled(notification(delivery('accepted')))).toBe(false);
  expect(settled(notification(delivery('accepted', { to: channel })))).toBe(true);
});

test('names and reasons are hostile text', () => {
  expect(receiptOf(delivery('failed', { name: 'a\u202eb', why: '\u001b[31mno' }))).toBe('a⟨U+202E⟩b: failed. ⟨U+001B⟩[31mno');
});

test('a reason is off once', () => {
  expect(turned(['failed', 'decision'], 'failed', false)).toEqual(['decision', 'failed']);
  expect(turned(['failed'], 'failed', true)).toEqual([]);
});
