import { expect, test } from 'vitest';
import { sharedIn } from '../src/sharing.ts';

function form(fields: Record<string, string | File | File[]>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) made.append(name, one);
  return made;
}
const read = (fields: Record<string, string | File | File[]>) => sharedIn(form(fields), 'id', 1);

test('a link that an app puts into two fields is said once', () => {
  expect(read({ title: 'A page', text: 'see https://a.example/', url: 'https://a.example/' })?.text).toBe('A page\nsee https://a.example/');
  expect(read({ title: 'same', text: '', url: 'same' })?.text).toBe('same');
  expect(read({ text: ' words\r\nand more ' })?.text).toBe('words\nand more');
});

test('what cannot be seen is not passed on, and writing stays', () => {
  expect(read({ text: 'a\u{e0041}\u202eb\u0007 नमस्\u200dते 👩\u200d💻' })?.text).toBe('ab नमस्\u200dते 👩\u200d💻');
});

test('pictures come along, empty ones and nothing at all do not', () => {
  const picture = new File(['x'], 'shot.png', { type: 'image/png' });
  const found = read({ text: '', files: [picture, new File([], 'empty.png')] });
  expect(found).toMatchObject({ id: 'id', at: 1, text: '' });
  expect(found?.files.map((file) => file.name)).toEqual(['shot.png']);
  expect(read({ text: ' \u200b ' })).toBeNull();
});

test('a text too long to read in a form becomes a file', async () => {
  const found = read({ text: 'x'.repeat(30_000) });
  expect(found?.text).toBe('');
  expect(found?.files[0]?.name).toBe('shared.txt');
  expect((await found?.files[0]?.text())?.length).toBe(30_000);
});
