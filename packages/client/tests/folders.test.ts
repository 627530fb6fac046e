import { expect, test } from 'vitest';
import { above, childOf, folderName } from '../src/folders.ts';

test('one goes up to the root and no further', () => {
  expect(above('/home/me/code/app', ['/home/me/code'])).toBe('/home/me/code');
  expect(above('/home/me/code', ['/home/me/code'])).toBeNull();
  expect(above('/home/me/codex/app', ['/home/me/code'])).toBeNull();
  expect(above('/srv', ['/'])).toBeNull();
});

test("paths are those of the host's system", () => {
  expect(childOf('/home/me', 'app')).toBe('/home/me/app');
  expect(childOf('/', 'srv')).toBe('/srv');
  expect(childOf('C:\\Users\\me', 'app')).toBe('C:\\Users\\me\\app');
  expect(above('C:\\Users\\me\\app', ['C:\\Users\\me'])).toBe('C:\\Users\\me');
  expect(folderName('C:\\Users\\me')).toBe('me');
  expect(folderName('/home/a\\b')).toBe('a\\b');
});
