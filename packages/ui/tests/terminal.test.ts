import { expect, test } from 'vitest';
import { readAddress } from '../src/terminal/address.ts';
import { askedByOsc52, glance, lineCount, looksFirst, pastable } from '../src/terminal/clipboard.ts';
import { ClipboardConsent } from '../src/terminal/consent.svelte.ts';
import { Font } from '../src/terminal/font.ts';
import { Gestures } from '../src/terminal/gestures.ts';
import { upTo, wordAt } from '../src/terminal/selection.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('a program may ask to set the clipboard; reading is told apart, and nonsense is nothing', () => {
  expect(askedByOsc52(`c;${base64('héllo\n')}`)).toEqual({ kind: 'set', text: 'héllo\n' });
  expect(askedByOsc52(`;${base64('x')}`)).toEqual({ kind: 'set', text: 'x' });
  expect(askedByOsc52('c;?')).toEqual({ kind: 'read' });
  expect(askedByOsc52('p;!not base64!')).toEqual({ kind: 'nothing' });
  expect(askedByOsc52('c;')).toEqual({ kind: 'nothing' });
  expect(askedByOsc52('c')).toEqual({ kind: 'nothing' });
  expect(askedByOsc52(`c;${base64('x'.repeat(200_000))}`)).toEqual({ kind: 'tooLong' });
});

test('of a long text the first 200 letters are shown, and how many follow', () => {
  expect(glance('short')).toEqual({ start: 'short', more: 0 });
  expect(glance('🙂'.repeat(201))).toEqual({ start: '🙂'.repeat(200), more: 1 });
});

function consent() {
  const clipboard: string[] = [];
  const notes: string[] = [];
  const asked = new ClipboardConsent(async (text) => void clipboard.push(text), (note) => notes.push(note));
  const ask = (text: string) => asked.ask(`c;${base64(text)}`);
  return { asked, ask, clipboard, notes };
}

test('what is asked does not change under a thumb: what comes meanwhile waits, and only the last of it', async () => {
  const { asked, ask, clipboard } = consent();
  ask('harmless');
  ask('second');
  ask('rm -rf ~');
  expect(asked.text).toBe('harmless');
  await asked.decide('allow');
  expect(clipboard).toEqual(['harmless']);
  expect(asked.text).toBe('rm -rf ~');
  await asked.decide('deny');
  expect(asked.text).toBe(null);
  expect(clipboard).toEqual(['harmless']);
});

test('who asks on and on can be refused for good, and reading always is', async () => {
  const { asked, ask, clipboard, notes } = consent();
  ask('one');
  expect(asked.again).toBe(false);
  await asked.decide('deny');
  ask('two');
  expect(asked.again).toBe(true);
  await asked.decide('denyAll');
  ask('three');
  expect(asked.text).toBe(null);
  asked.ask('c;?');
  expect(asked.text).toBe(null);
  expect(notes.at(-1)).toMatch(/never allowed/);
  expect(clipboard).toEqual([]);
});

test('what would act as a key is not pasted, and a line end is looked at first', () => {
  expect(pastable('a\u001b[201~b\u0003\tc\nd\r\n\u009b')).toBe('a[201~b\tc\nd\r\n');
  expect([looksFirst('ls -la'), looksFirst('ls\n'), looksFirst('a\rb')]).toEqual([false, true, true]);
  expect([lineCount('ls\n'), lineCount('a\r\nb'), lineCount('a\n\nb\n')]).toEqual([1, 2, 3]);
});

test('an address is the web’s, and says where it really leads', () => {
  expect(readAddress('https://exаmple.com/a?b#c', false)?.host).toBe('xn--exmple-4nf.com');
  expect(readAddress('https://github.com@evil.example/x', false)).toMatchObject({ host: 'evil.example', named: true });
  expect(readAddress('http://localhost:5173/', false)?.here).toBe(true);
  expect(readAddress('http://localhost:5173/', true)?.here).toBe(false);
  for (const bad of ['javascript:alert(1)', 'file:///etc/passwd', 'vscode://x', 'no address']) expect(readAddress(bad, false), bad).toBe(null);
});

test('letters keep the size that was chosen, within bounds', () => {
  const kept = new Map<string, string>();
  const keep = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  const font = new Font(keep);
  expect(font.size).toBe(13);
  expect([font.choose(17.6), font.size]).toEqual([true, 18]);
  expect(new Font(keep).size).toBe(18);
  expect([font.choose(500), font.size, font.choose(501)]).toEqual([true, 28, false]);
  expect([font.choose(1), font.size]).toEqual([true, 8]);
  font.reset();
  expect(font.size).toBe(13);
});

test('a word is chosen, and more of it as the finger goes on, over line ends and back', () => {
  const line = 'cat src/main.rs | wc  ';
  expect(wordAt(line, { column: 6, row: 3 })).toEqual({ column: 4, row: 3, length: 11 });
  expect(wordAt(line, { column: 16, row: 3 })).toEqual({ column: 16, row: 3, length: 1 });
  const word = { column: 4, row: 3, length: 11 };
  expect(upTo(word, { column: 1, row: 4 }, 20)).toEqual({ column: 4, row: 3, length: 18 });
  expect(upTo(word, { column: 18, row: 2 }, 20)).toEqual({ column: 18, row: 2, length: 17 });
  expect(upTo(word, { column: 6, row: 3 }, 20)).toEqual(word);
});

test('a finger taps, scrolls or holds, two fingers pinch, and one meaning does not become another', () => {
  const said: string[] = [];
  let due: (() => void) | null = null;
  const gestures = new Gestures(
    {
      scroll: (by) => said.push(`scroll ${by}`), hold: ({ x, y }) => said.push(`hold ${x},${y}`), drag: ({ x }) => said.push(`drag ${x}`), held: () => said.push('held'),
      pinchStart: () => said.push('two'), pinch: (times) => said.push(`pinch ${times}`),
    },
    { after: (_, what) => (due = what), cancel: () => (due = null) },
  );
  const at = (x: number, y = 0) => ({ x, y });
  gestures.down([at(5)]);
  gestures.move([at(7)]);
  expect(gestures.up(0), 'a tap is the browser’s').toBe(false);
  expect([said, due]).toEqual([[], null]);

  gestures.down([at(0, 50)]);
  gestures.move([at(0, 30)]);
  expect(due).toBe(null);
  gestures.move([at(0, 25)]);
  expect(gestures.up(0)).toBe(true);
  expect(said.splice(0)).toEqual(['scroll 20', 'scroll 5']);

  gestures.down([at(9)]);
  due!();
  gestures.move([at(40)]);
  expect(gestures.up(0)).toBe(true);
  expect(said.splice(0)).toEqual(['hold 9,0', 'drag 40', 'held']);

  gestures.down([at(0)]);
  gestures.down([at(0), at(100)]);
  gestures.move([at(0), at(150)]);
  gestures.up(1);
  gestures.move([at(300)]);
  gestures.up(0);
  expect(said).toEqual(['two', 'pinch 1.5']);
});
