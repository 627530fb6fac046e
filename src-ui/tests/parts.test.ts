import type { RunView } from '@offdesk/client';
import { describe, expect, test } from 'vitest';
import { atWork, living, survives, systemOf } from '../src/atwork.ts';
import { Change } from '../src/change.svelte.ts';
import { phoneOf } from '../src/phone.ts';
import { pressed, shown, type Press } from '../src/shortcut.ts';
import { Unread } from '@offdesk/ui/unread.svelte.ts';

const run = (more: Partial<RunView> = {}) => ({ id: 'r', state: 'done', seq: 1, updatedAt: '2026-01-02T00:00:00Z', ...more }) as RunView;

describe('keys', () => {
  const press = (code: string, key: string, ...held: string[]): Press => ({
    code, key, ctrlKey: held.includes('ctrl'), altKey: held.includes('alt'), shiftKey: held.includes('shift'), metaKey: held.includes('meta'),
  });
  test.each([
    ['Space', ' ', ['ctrl', 'shift'], { kind: 'whole', keys: 'CommandOrControl+Shift+Space' }],
    ['KeyÖ', 'ö', ['ctrl'], null],
    ['KeyT', '†', ['alt'], { kind: 'whole', keys: 'Alt+T' }],
    ['KeyK', 'k', ['meta'], { kind: 'whole', keys: 'Super+K' }],
    ['Digit1', '!', ['ctrl', 'shift'], { kind: 'whole', keys: 'CommandOrControl+Shift+1' }],
    ['F9', 'F9', [], { kind: 'whole', keys: 'F9' }],
    ['KeyK', 'k', [], { kind: 'bare', keys: 'K' }],
    ['KeyK', 'K', ['shift'], { kind: 'bare', keys: 'Shift+K' }],
    ['ControlLeft', 'Control', ['ctrl'], { kind: 'part', keys: 'CommandOrControl' }],
    ['AltRight', 'AltGraph', [], { kind: 'part', keys: '' }],
    ['MediaPlayPause', 'MediaPlayPause', ['ctrl'], null],
  ] as const)('%s %s with %j', (code, key, held, found) => expect(pressed(press(code, key, ...held), false)).toEqual(found));

  test('of a Mac are its own', () => {
    expect(pressed(press('Space', ' ', 'meta', 'ctrl'), true)).toEqual({ kind: 'whole', keys: 'CommandOrControl+Control+Space' });
    expect(shown('CommandOrControl+Shift+Space', true)).toBe('⌘ ⇧ Space');
    expect(shown('CommandOrControl+Alt+T', false)).toBe('Ctrl + Alt + T');
  });
});

describe('runs at work', () => {
  const runs = [run({ state: 'working' }), run({ state: 'working' }), run({ state: 'waiting' }), run({ state: 'idle' }), run({ state: 'lost' })];
  test('are counted by what they do', () => {
    expect(living(runs)).toHaveLength(4);
    expect(atWork(runs)).toBe('1 needs you, 2 are working, 1 is idle');
    expect(atWork([])).toBe('');
  });
  test('survive what their system lets them', () => {
    expect(systemOf('Mozilla/5.0 (X11; Linux x86_64)')).toBe('linux');
    expect(systemOf('Mozilla/5.0 (Macintosh; Intel)')).toBe('mac');
    expect(survives('linux')).toContain('linger');
    expect(survives('mac')).not.toContain('linger');
    expect(survives('windows')).toContain('lost');
  });
});

describe('what nobody has looked at', () => {
  const store = () => {
    const all = new Map<string, string>();
    return { getItem: (name: string) => all.get(name) ?? null, setItem: (name: string, value: string) => void all.set(name, value) };
  };
  const begun = () => new Date('2026-01-01T00:00:00Z');
  test('is what ended since the first start, until it is looked at, and again when it goes on and ends', () => {
    const kept = store();
    const unread = new Unread(kept, begun);
    expect(unread.has(run())).toBe(true);
    expect(unread.has(run({ state: 'idle' }))).toBe(true);
    expect(unread.has(run({ state: 'working' }))).toBe(false);
    expect(unread.has(run({ state: 'waiting' }))).toBe(false);
    expect(unread.has(run({ updatedAt: '2025-12-31T00:00:00Z' }))).toBe(false);
    unread.look(run({ seq: 5 }));
    expect(unread.has(run({ seq: 5 }))).toBe(false);
    expect(unread.has(run({ seq: 6 }))).toBe(true);
    // Kept for the next window.
    expect(new Unread(kept, () => new Date()).has(run({ seq: 5 }))).toBe(false);
  });
  test('stays small', () => {
    const kept = store();
    const unread = new Unread(kept, begun);
    for (let n = 0; n < 600; n++) unread.look(run({ id: String(n) }));
    expect(unread.has(run({ id: '599' }))).toBe(false);
    expect(unread.has(run({ id: '0' }))).toBe(true);
  });
});

describe('a change', () => {
  test('says that it holds', async () => {
    const change = new Change();
    expect(await change.make(async () => undefined)).toBe(true);
    expect(change.state).toBe('kept');
  });
  test('that is refused says why, and the old value is shown again', async () => {
    const change = new Change();
    let back = 0;
    expect(await change.make(() => Promise.reject(new TypeError('network')), () => back++)).toBe(false);
    expect(change.refused).toContain('Nobody answered');
    expect([change.state, back]).toEqual(['calm', 1]);
    await change.make(async () => undefined);
    expect(change.refused).toBe('');
  });
});

test('the coach gives each phone its own steps', () => {
  expect(['iOS', 'Android', 'Linux'].map(phoneOf)).toEqual(['ios', 'android', 'other']);
});
