import { expect, test } from 'vitest';
import { keyWords } from '../src/keywords.ts';

test.each([
  ['y\r', 'y ⏎'],
  ['\u001b[B\u001b[B\r', '↓ ↓ ⏎'],
  ['\u001bOA\r', '↑ ⏎'],
  ['yes\r', 'yes ⏎'],
  ['\r', '⏎'],
  ['\u0003', 'Ctrl+C'],
  ['rm -rf x\r', 'rm Space -rf Space x ⏎'],
])('keys are shown as what they are: %j', (keys, words) => expect(keyWords(keys)).toBe(words));
