import { expect, test } from 'vitest';
import { keyText, released, tapped, type Modifiers } from '../src/keys.ts';

const none: Modifiers = { ctrl: 'off', alt: 'off' };

test('keys of the bar are what a terminal reads', () => {
  expect(['esc', 'tab', '^C', '|', 'up'].map((key) => keyText(key, none, false))).toEqual(['\u001b', '\t', '\u0003', '|', '\u001b[A']);
});

test('arrows follow the mode the program asked for, unless changed by another key', () => {
  expect(keyText('left', none, true)).toBe('\u001bOD');
  expect(keyText('left', { ctrl: 'once', alt: 'off' }, true)).toBe('\u001b[1;5D');
  expect(keyText('right', { ctrl: 'held', alt: 'once' }, false)).toBe('\u001b[1;7C');
});

test('ctrl and alt change the next key', () => {
  const ctrl: Modifiers = { ctrl: 'once', alt: 'off' };
  expect(['c', 'R', '[', ' ', '?'].map((key) => keyText(key, ctrl, false))).toEqual(['\u0003', '\u0012', '\u001b', '\0', '\u007f']);
  expect(keyText('b', { ctrl: 'off', alt: 'once' }, false)).toBe('\u001bb');
  expect(keyText('x', { ctrl: 'once', alt: 'once' }, false)).toBe('\u001b\u0018');
});

test('ctrl leaves alone what has no such form: pasted words, letters of other scripts', () => {
  expect(['rm -rf', 'é', '1'].map((key) => keyText(key, { ctrl: 'once', alt: 'off' }, false))).toEqual(['rm -rf', 'é', '1']);
});

test('a sticky key is let go after one key, and held when tapped twice', () => {
  expect(tapped('off')).toBe('once');
  expect(tapped('once')).toBe('held');
  expect(tapped('held')).toBe('off');
  expect(released({ ctrl: 'once', alt: 'held' })).toEqual({ ctrl: 'off', alt: 'held' });
});
