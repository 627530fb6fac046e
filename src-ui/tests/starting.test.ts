import { Api, type RunView } from '@offdesk/client';
import { describe, expect, test } from 'vitest';
import { Starting, type Keep } from '../src/starting.svelte.ts';

const AGENTS = ['claude', 'demo', 'hands-on'].map((kind) => ({ kind, name: kind, found: true, looked: [], capabilities: { terminal: kind === 'hands-on' } }));
const FOLDERS = { roots: ['/home/me'], recent: ['/home/me/old'], dir: null, children: [] };

function keep(): Keep & { all: Map<string, string> } {
  const all = new Map<string, string>();
  return { all, getItem: (name) => all.get(name) ?? null, setItem: (name, value) => void all.set(name, value), removeItem: (name) => void all.delete(name) };
}

/** A gateway: `broken` answers nothing, `no` refuses. */
function gateway() {
  const started: Record<string, unknown>[] = [];
  const is = { broken: false, no: false };
  const api = new Api(async (path, init) => {
    if (is.broken) throw new TypeError('network');
    if (path === '/api/v1/agents') return Response.json(AGENTS);
    if (path === '/api/v1/folders') return Response.json(FOLDERS);
    if (path.startsWith('/api/v1/folders?')) return path.includes('gone') ? Response.json({ code: 'notFound', message: 'x' }, { status: 404 }) : Response.json({ ...FOLDERS, children: ['a', 'b'] });
    if (init.method === 'GET') return Response.json([{ dir: '/home/me/new', updatedAt: '2' }, { dir: '/home/me/newer', updatedAt: '3' }] as RunView[]);
    started.push(JSON.parse(String(init.body)));
    if (is.no) return Response.json({ code: 'outsideRoots', message: 'Not there.', hint: 'Choose another.' }, { status: 400 });
    return Response.json({ id: started.at(-1)!['id'] });
  });
  return { api, started, is };
}

describe('the line that starts a run', () => {
  test('stands on what is remembered before anybody has answered', () => {
    const kept = keep();
    kept.setItem('offdesk.lastAgent', 'claude');
    kept.setItem('offdesk.lastFolder', '/home/me/x');
    kept.setItem('offdesk.start.draft', 'half a thou');
    const line = new Starting(gateway().api, kept, 'start');
    expect([line.chosenAgent, line.chosenDir, line.text]).toEqual(['claude', '/home/me/x', 'half a thou']);
  });

  test('offers folders of the latest runs first, and takes an agent that is here', async () => {
    const kept = keep();
    kept.setItem('offdesk.lastAgent', 'removed');
    const line = new Starting(gateway().api, kept, 'start');
    await line.load();
    expect(line.places.recent).toEqual(['/home/me/newer', '/home/me/new', '/home/me/old']);
    expect([line.chosenAgent, line.chosenDir]).toEqual(['claude', '/home/me/newer']);
    await line.list('/home/me');
    await line.list('/gone');
    expect([...line.places.children]).toEqual([['/home/me', ['a', 'b']], ['/gone', []]]);
  });

  test('starts what was asked for, remembers it, and forgets the draft', async () => {
    const kept = keep();
    const { api, started } = gateway();
    const line = new Starting(api, kept, 'start');
    await line.load();
    line.text = '/demo say: hi';
    line.note();
    expect(kept.getItem('offdesk.start.draft')).toBe('/demo say: hi');
    const run = await line.start();
    expect(run?.id).toBe(started[0]?.['id']);
    expect(started[0]).toMatchObject({ agent: 'demo', dir: '/home/me/newer', prompt: 'say: hi' });
    expect(line.text).toBe('');
    expect([...kept.all.keys()].sort()).toEqual(['offdesk.lastAgent', 'offdesk.lastFolder']);
  });

  test('says the same again with the same id until it worked, also from another window', async () => {
    const kept = keep();
    const { api, started, is } = gateway();
    const line = new Starting(api, kept, 'start');
    await line.load();
    line.text = 'say: hi';
    line.note();
    is.no = true;
    expect(await line.start()).toBeNull();
    expect(line.problem).toBe('Not there. Choose another.');
    expect(line.text).toBe('say: hi');
    is.broken = true;
    await line.start();
    expect(line.problem).toContain('What you typed is kept');
    is.broken = is.no = false;
    const again = new Starting(api, kept, 'start');
    await again.load();
    await again.start();
    expect(started).toHaveLength(2);
    expect(new Set(started.map((one) => one['id'])).size).toBe(1);
    again.text = 'say: hi';
    await again.start();
    expect(started[2]?.['id']).not.toBe(started[0]?.['id']);
  });

  test('in other words is another run: nobody gets the old words back as if they were the new', async () => {
    const { api, started, is } = gateway();
    const line = new Starting(api, keep(), 'start');
    await line.load();
    is.no = true;
    line.text = 'one';
    await line.start();
    line.text = 'two';
    await line.start();
    expect(started[0]?.['id']).not.toBe(started[1]?.['id']);
  });

  test('says what is missing, and asks a terminal for no words', async () => {
    const { api, started, is } = gateway();
    const line = new Starting(api, keep(), 'start');
    await line.start();
    expect(line.problem).toContain('Not known yet');
    await line.load();
    await line.start();
    expect(line.problem).toBe('Say what it should do.');
    line.text = '/hands-on';
    await line.start();
    expect(started[0]).toMatchObject({ agent: 'hands-on', prompt: null });
    is.broken = true;
  });

  test('leaves the words alone when a first run could not start', async () => {
    const { api, is } = gateway();
    const line = new Starting(api, keep(), 'home');
    await line.load();
    line.text = 'mine';
    is.broken = true;
    expect(await line.demo('say: hi')).toBeNull();
    expect([line.text, line.chosenAgent]).toEqual(['mine', 'claude']);
  });
});
