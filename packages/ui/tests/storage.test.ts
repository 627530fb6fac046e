import { bytes, t } from '@offdesk/client';
import { expect, test } from 'vitest';
import { CHOICES } from '../src/storage.ts';

test('sizes are short', () => {
  expect([0, 999, 1000, 9_949, 12_345, 999_600, 1_500_000_000].map(bytes)).toEqual(['0 B', '999 B', '1.0 kB', '9.9 kB', '12 kB', '1.0 MB', '1.5 GB']);
});

test('all but what is needed can be chosen, each once', () => {
  const kinds = CHOICES.map((choice) => choice.kind);
  expect(new Set(kinds).size).toBe(kinds.length);
  expect([...kinds, 'other'].sort()).toEqual(Object.keys(t.storageKinds).sort());
});
