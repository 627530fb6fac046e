import { expect, test } from 'vitest';
import { addressOf, leftOf, showing, toldIn, type Told } from '../src/notifying/told.ts';

const WORDS = { allow: 'Erlauben', deny: 'Ablehnen' };
const told = (more: Partial<Told['offdesk']> = {}): Told => ({
  notification: { title: 'api needs you', body: 'It asks to run a command.', tag: 'approval/1' },
  offdesk: { id: 'a', host: 'h', back: false, place: '/approval/1', waits: true, badge: 1, ...more },
});

test('one that comes twice is shown once, and buzzes once', () => {
  expect(showing(told(), [], 2, WORDS).options).toMatchObject({ silent: false, renotify: false, requireInteraction: true });
  expect(showing(told(), ['a'], 2, WORDS).options).toMatchObject({ silent: true, renotify: false });
  // Something newer about the same buzzes again, in its place.
  expect(showing(told({ id: 'b' }), ['a'], 2, WORDS).options).toMatchObject({ silent: false, renotify: true, tag: 'approval/1' });
});

test('it is decided where it is shown only where the gateway says so and the platform has buttons', () => {
  const decidable = { approval: '1', hash: 'ff' };
  expect(showing(told(), [], 2, WORDS).options.actions).toBeUndefined();
  expect(showing(told({ decidable }), [], 0, WORDS).options.actions).toBeUndefined();
  const { options } = showing(told({ decidable }), [], 2, WORDS);
  expect(options.actions).toEqual([{ action: 'allow', title: 'Erlauben' }, { action: 'deny', title: 'Ablehnen' }]);
  expect(options.data.decidable).toEqual(decidable);
  expect(leftOf(told({ decidable })).options).toMatchObject({ silent: true });
  expect(leftOf(told({ decidable })).options.data.decidable).toBeUndefined();
});

test('a click leads into this page and nowhere else', () => {
  expect(addressOf(showing(told(), [], 0, WORDS).options.data)).toBe('/#/approval/1');
  const moved = { record: '{"host":"h","issued":1,"paths":[]}', signature: 'ö' };
  const address = addressOf(showing(told({ place: '/', moved }), [], 0, WORDS).options.data);
  expect(address).toMatch(/^\/#2\.[\w-]+$/);
  const text = new TextDecoder().decode(Uint8Array.from(atob(address.slice(4).replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0)));
  expect(JSON.parse(text)).toEqual(moved);
});

test('what is no message of ours shows nothing', () => {
  for (const message of [null, 1, {}, { notification: { title: 'x', tag: 1 } }, { notification: { title: 'x', tag: 'y' } }, []]) expect(toldIn(message)).toBeNull();
  expect(toldIn(told())).not.toBeNull();
});
