import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isApple, manifestOf } from '../src/homescreen.svelte.ts';

const page = new URL('../public/', import.meta.url);
const text = readFileSync(new URL('manifest.webmanifest', page), 'utf8');
const usual = JSON.parse(text);

test('an iPhone’s home screen opens the address that brings the code, within this origin', async () => {
  const manifest = (await manifestOf('https://desk', 'https://desk/p#1.abc', async () => new Response(text))) as typeof usual;
  expect(manifest).toMatchObject({ id: 'https://desk/', start_url: 'https://desk/p#1.abc', scope: 'https://desk/', display: 'standalone' });
  expect(new URL(manifest.start_url).href.startsWith(manifest.scope)).toBe(true);
  // Made in the page, it has no address that others could be relative to.
  for (const { src } of [...manifest.icons, ...manifest.screenshots]) expect(new URL(src).origin).toBe('https://desk');
  for (const { url } of manifest.shortcuts) expect(new URL(url).origin).toBe('https://desk');
});

test('all that the manifest names is there, and of the size it says', () => {
  const sizeOf = (path: string) => {
    const png = readFileSync(new URL(`.${path}`, page));
    return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;
  };
  for (const { src, sizes } of [...usual.icons, ...usual.screenshots].filter(({ type }) => type === 'image/png')) expect([src, sizeOf(src)]).toEqual([src, sizes]);
  expect(usual.icons.some(({ purpose }: { purpose?: string }) => purpose === 'maskable')).toBe(true);
  expect(usual).toMatchObject({ id: '/', scope: '/', start_url: '/', share_target: { method: 'POST', enctype: 'multipart/form-data' } });
});

test('an iPad is told from a Mac by its screen', () => {
  const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
  expect(isApple({ userAgent: mac, maxTouchPoints: 5 })).toBe(true);
  expect(isApple({ userAgent: mac, maxTouchPoints: 0 })).toBe(false);
  expect(isApple({ userAgent: 'Mozilla/5.0 (Linux; Android 15)', maxTouchPoints: 5 })).toBe(false);
});
