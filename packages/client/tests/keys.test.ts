import { expect, test } from 'vitest';
import { keyText, NO_MODIFIERS as none, released, tapped, type Modifiers } from '../src/keys.ts';

const held = (some: Partial<Modifiers>): Modifiers => ({ ...none, ...some });

test('keys of the bar are what a terminal reads', () => {
  expect(['esc', 'tab', 'backtab', '^C', '|', 'up'].map((key) => keyText(key, none, false))).toEqual(['\u001b', '\t', '\u001b[Z', '\u0003', '|', '\u001b[A']);
});

test('arrows follow the mode the program asked for, unless changed by another key', () => {
  expect(keyText('left', none, true)).toBe('\u001bOD');
  expect(keyText('left', held({ ctrl: 'once' }), true)).toBe('\u001b[1;5D');
  expect(keyText('right', held({ ctrl: 'held', alt: 'once' }), false)).toBe('\u001b[1;7C');
  expect(['home', 'end'].map((key) => keyText(key, none, false))).toEqual(['\u001b[H', '\u001b[F']);
});

test('the second row has the keys a phone has not', () => {
  expect(['F1', 'F4', 'F5', 'F10', 'F12', 'pgup', 'pgdn', 'del'].map((key) => keyText(key, none, true)))
    .toEqual(['\u001bOP', '\u001bOS', '\u001b[15~', '\u001b[21~', '\u001b[24~', '\u001b[5~', '\u001b[6~', '\u001b[3~']);
  expect(['F2', 'F9', 'pgup'].map((key) => keyText(key, held({ ctrl: 'once' }), false))).toEqual(['\u001b[1;5Q', '\u001b[20;5~', '\u001b[5;5~']);
});

test('ctrl and alt change the next key', () => {
  const ctrl = held({ ctrl: 'once' });
  expect(['c', 'R', '[', ' ', '?'].map((key) => keyText(key, ctrl, false))).toEqual(['\u0003', '\u0012', '\u001b', '\0', '\u007f']);
  expect(keyText('b', held({ alt: 'once' }), false)).toBe('\u001bb');
  expect(keyText('x', held({ ctrl: 'once', alt: 'once' }), false)).toBe('\u001b\u0018');
});

test('ctrl leaves alone what has no such form: pasted words, letters of other scripts', () => {
  expect(['rm -rf', 'é', '1'].map((key) => keyText(key, held({ ctrl: 'once' }), false))).toEqual(['rm -rf', 'é', '1']);
});

test('a sticky key is let go after one key, and held when tapped twice', () => {
  expect(tapped('off')).toBe('once');
  expect(tapped('once')).toBe('held');
  expect(tapped('held')).toBe('off');
  expect(released({ ctrl: 'once', alt: 'held', fn: 'once' })).toEqual({ ctrl: 'off', alt: 'held', fn: 'off' });
});
