import { expect, test } from 'vitest';
import { receipt } from '../src/receipt.ts';
import type { Approval } from '../src/types.gen.ts';

const base = { kind: 'command', state: 'requested', resolution: null, decidedBy: null, outcome: null } as Approval;
const by = { kind: 'person', name: 'Chrome on Android' } as const;

test('a receipt follows a decision until the agent has gone on', () => {
  const allowed = { ...base, resolution: 'allowed', decidedBy: by } as const;
  expect(receipt(base)).toBe('');
  expect(receipt({ ...allowed, state: 'allowed' })).toBe('Allowed by Chrome on Android · on its way');
  expect(receipt({ ...allowed, state: 'delivered' })).toBe('Allowed by Chrome on Android · the agent has it');
  expect(receipt({ ...allowed, state: 'finished', outcome: 'ok' })).toBe('Allowed by Chrome on Android · done');
  expect(receipt({ ...allowed, state: 'finished', outcome: 'failed' })).toBe('Allowed by Chrome on Android · failed');
});

test('a receipt says so when nobody knows how it ended', () => {
  expect(receipt({ ...base, state: 'finished', resolution: 'denied', decidedBy: by })).toBe('Denied by Chrome on Android · how it ended is not known');
});

test('what was taken back or answered is not called allowed', () => {
  expect(receipt({ ...base, state: 'withdrawn', resolution: 'withdrawn', decidedBy: { kind: 'agent' } })).toBe('Taken back by the agent');
  expect(receipt({ ...base, state: 'withdrawn', resolution: 'withdrawn', decidedBy: { kind: 'person', name: 'the terminal' } })).toBe('Answered in the terminal');
  expect(receipt({ ...base, kind: 'question', state: 'delivered', resolution: 'allowed', decidedBy: { kind: 'gateway' } })).toBe('Answered · the agent has it');
});
