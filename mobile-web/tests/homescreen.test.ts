import { expect, test } from 'vitest';
import { manifestOf } from '../src/homescreen.ts';

test('the home screen opens the address that brings the code, within this origin', () => {
  const manifest = manifestOf('https://desk', 'https://desk/p#1.abc');
  expect(manifest).toMatchObject({ start_url: 'https://desk/p#1.abc', scope: 'https://desk/', display: 'standalone' });
  expect(new URL(manifest.start_url).href.startsWith(manifest.scope)).toBe(true);
});
