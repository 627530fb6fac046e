import { expect, test } from 'vitest';
import { skewOf } from '../src/skew.ts';

const at = (version: number, build: string) => ({ version, build });

test.each([
  ['the same', at(1, '0.1.0'), at(1, '0.1.0'), null],
  ['a shell kept from last week', at(1, '0.1.9'), at(1, '0.1.10'), { older: 'page', works: true }],
  ['a computer not updated yet', at(1, '0.2.0'), at(1, '0.1.10'), { older: 'gateway', works: true }],
  ['one version of the messages apart', at(1, '0.1.0'), at(2, '1.0.0'), { older: 'page', works: true }],
  ['one apart, the other way', at(3, '1.0.0'), at(2, '1.0.0'), { older: 'gateway', works: true }],
  ['too far apart', at(1, '0.1.0'), at(3, '1.0.0'), { older: 'page', works: false }],
  ['too far apart, the other way', at(4, '1.2.0'), at(2, '1.0.0'), { older: 'gateway', works: false }],
  ['a build that names no number', at(1, '0.1.0'), at(1, 'dev'), { older: 'gateway', works: true }],
])('%s', (_, page, gateway, expected) => {
  const found = skewOf(page, gateway);
  if (expected === null) expect(found).toBeNull();
  else expect(found).toMatchObject({ ...expected, page: page.build, gateway: gateway.build });
});
