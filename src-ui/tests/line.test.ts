import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OFFERED, orderOf, parted, suggestAgents, suggestFolders, toList, tokenAt, without, type Places } from '../src/line.ts';

const AGENTS = [
  { kind: 'claude', name: 'Claude Code', found: true },
  { kind: 'hands-on', name: 'Hands-on terminal', found: true },
  { kind: 'demo', name: 'Demo agent', found: true },
  { kind: 'gone', name: 'Gone', found: false },
];
const places = (more: Partial<Places> = {}): Places => ({
  roots: ['/home/me'],
  recent: ['/home/me/work/api', '/home/me/site'],
  children: new Map([['/home/me', ['work', 'site', 'my notes']], ['/home/me/work', ['api', 'web']], ['/', ['etc', 'home']]]),
  ...more,
});
/** A line with the caret at `|`. */
const at = (line: string) => [line.replace('|', ''), line.indexOf('|')] as const;

describe('the token at the caret', () => {
  test.each([
    ['/|', { kind: 'agent', word: '', from: 0, to: 1 }],
    ['/cl|', { kind: 'agent', word: 'cl', from: 0, to: 3 }],
    ['/c|l fix it', { kind: 'agent', word: 'cl', from: 0, to: 3 }],
    ['  /de|', { kind: 'agent', word: 'de', from: 2, to: 5 }],
    ['@site /de|', { kind: 'agent', word: 'de', from: 6, to: 9 }],
    ['fix @wo|', { kind: 'folder', word: 'wo', from: 4, to: 7 }],
    ['@/etc/a|', { kind: 'folder', word: '/etc/a', from: 0, to: 7 }],
    ['fix it|', null],
    ['/demo fix|', null],
    ['look in /etc|', null],
    ['/etc/hosts is wrong|', null],
    ['/etc/h|', null],
    ['write to bob@ex|', null],
    ['|/demo', null],
  ])('%s', (line, token) => expect(tokenAt(...at(line))).toEqual(token));

  test('is what stands between its ends, and taking it out leaves every other word', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('/', '@', ' ', 'a', 'b', '.', '\u{1f600}') }), fc.nat(40), (text, n) => {
      const caret = Math.min(n, text.length);
      const token = tokenAt(text, caret);
      if (!token) return;
      expect(text.slice(token.from, token.to)).toBe((token.kind === 'agent' ? '/' : '@') + token.word);
      expect(token.from).toBeLessThan(caret);
      const rest = without(text, token);
      expect(rest.caret).toBeLessThanOrEqual(rest.text.length);
      const words = (line: string) => line.split(/\s+/).filter(Boolean);
      const left = words(text.slice(0, token.from)).concat(words(text.slice(token.to)));
      expect(words(rest.text)).toEqual(left);
    }));
  });
});

describe('agents offered', () => {
  test('are those that are here, the best match first', () => {
    expect(suggestAgents('', AGENTS).map((one) => one.value)).toEqual(['claude', 'hands-on', 'demo']);
    expect(suggestAgents('D', AGENTS).map((one) => one.value)).toEqual(['demo', 'claude', 'hands-on']);
    expect(suggestAgents('terminal', AGENTS).map((one) => one.value)).toEqual(['hands-on']);
    expect(suggestAgents('gone', AGENTS)).toEqual([]);
  });
});

describe('folders offered', () => {
  const offered = (word: string, inside: string | null = null) => suggestFolders(word, inside, places()).map((one) => one.value);
  test.each([
    ['', ['/home/me/work/api', '/home/me/site', '/home/me', '/home/me/work', '/home/me/my notes']],
    ['si', ['/home/me/site']],
    ['work/', ['/home/me/work/api', '/home/me/work/web']],
    ['work/w', ['/home/me/work/web']],
    ['/', ['/etc', '/home']],
    ['/home/me/s', ['/home/me/site', '/home/me/my notes']],
    ['nothing', []],
  ])('for “%s”: those used lately first', (word, found) => expect(offered(word)).toEqual(found));

  test('inside a folder are its own', () => {
    expect(offered('', '/home/me/work')).toEqual(['/home/me/work/api', '/home/me/work/web']);
    expect(offered('we', '/home/me/work')).toEqual(['/home/me/work/web']);
  });

  test('are never more than fit, and each once', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('/r/a', '/r/b', '/r', '/r/c/d')), fc.array(fc.string({ minLength: 1 }), { maxLength: 20 }), fc.string(), (recent, names, word) => {
      const found = suggestFolders(word, null, { roots: ['/r'], recent, children: new Map([['/r', names]]) });
      expect(found.length).toBeLessThanOrEqual(OFFERED);
      expect(new Set(found.map((one) => one.value)).size).toBe(found.length);
    }));
  });

  test('ask only for folders that are not known yet', () => {
    expect(toList('', null, places())).toEqual([]);
    expect(toList('', null, places({ children: new Map() }))).toEqual(['/home/me']);
    expect(toList('work/web/', null, places())).toEqual(['/home/me/work/web']);
    expect(toList('', '/home/me/site', places())).toEqual(['/home/me/site']);
  });
});

test('a path is parted where its last folder is whole', () => {
  expect(parted('/home/me/wo')).toEqual({ base: '/home/me', rest: 'wo' });
  expect(parted('/ho')).toEqual({ base: '/', rest: 'ho' });
  expect(parted('C:\\Users\\m')).toEqual({ base: 'C:\\Users', rest: 'm' });
  expect(parted('C:\\')).toEqual({ base: 'C:\\', rest: '' });
  expect(parted('work/api')).toBeNull();
  expect(parted('')).toBeNull();
});

describe('what a line asks for', () => {
  const order = (text: string) => orderOf(text, AGENTS, places());
  test.each([
    ['fix it', { agent: null, dir: null, words: 'fix it' }],
    ['/demo say: hi', { agent: 'demo', dir: null, words: 'say: hi' }],
    ['@site /claude  fix it ', { agent: 'claude', dir: '/home/me/site', words: 'fix it' }],
    ['/demo', { agent: 'demo', dir: null, words: '' }],
    ['/gone fix', { agent: null, dir: null, words: '/gone fix' }],
    ['/etc/hosts is wrong', { agent: null, dir: null, words: '/etc/hosts is wrong' }],
    ['/demo /claude x', { agent: 'demo', dir: null, words: '/claude x' }],
    ['@/home/me/work/api go', { agent: null, dir: '/home/me/work/api', words: 'go' }],
    ['@nowhere go', { agent: null, dir: null, words: '@nowhere go' }],
    ['say /demo to it', { agent: null, dir: null, words: 'say /demo to it' }],
  ])('%s', (text, asked) => expect(order(text)).toEqual(asked));

  test('is not guessed between two folders of one name', () => {
    const two = places({ recent: ['/a/api', '/b/api'] });
    expect(orderOf('@api go', AGENTS, two)).toEqual({ agent: null, dir: null, words: '@api go' });
  });

  test('loses nothing that was said', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const { agent, dir, words } = order(text);
      expect(text.trim().endsWith(words)).toBe(true);
      if (agent === null && dir === null) expect(words).toBe(text.trim());
    }));
  });
});
