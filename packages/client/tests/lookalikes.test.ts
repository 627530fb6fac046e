import { expect, test } from 'vitest';
import { lookalikes } from '../src/lookalikes.ts';

test.each([
  ['curl https://p\u0430ypal.com', ['p\u0430ypal: \u0430 is U+0430']],
  ['echo привет', []],
  ['echo naïve café', []],
  ['rm ./\u03bfut', ['\u03bfut: \u03bf is U+03BF']],
])('%s', (text, found) => expect(lookalikes(text)).toEqual(found));
