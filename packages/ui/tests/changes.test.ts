import { Api, type Changes } from '@offdesk/client';
import { describe, expect, test } from 'vitest';
import { ChangesStore } from '../src/changes.svelte.ts';

const file = (path: string) => ({ path, from: null, status: 'modified' as const, added: 1, removed: 0, uncommitted: true, staged: 'none' as const });
const workspace = { worktree: true, repository: '/r', branch: 'offdesk/x', base: 'main', baseCommit: 'c', notes: [], removed: false };

/** A gateway with these changed files, which a discard takes away and a restore brings back. */
function gateway(...paths: string[]) {
  const asked: string[] = [];
  let here = [...paths];
  const ask = (async (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path.replace('/api/v1/runs/r', '')}`);
    const url = new URL(path, 'http://x');
    if (url.pathname.endsWith('/discard')) {
      const gone = here;
      here = [];
      return Response.json({ paths: gone, left: [{ path: 'kept', why: 'it is a submodule' }], snapshot: 'refs/offdesk/r/1-discard' });
    }
    if (url.pathname.endsWith('/restore')) {
      here = [...paths];
      return Response.json({ paths, left: [], snapshot: 'refs/offdesk/r/2-restore' });
    }
    if (url.pathname.endsWith('/commit')) return Response.json({ code: 'wrongState', message: 'Git would start programs.', hint: 'Choose.' }, { status: 409 });
    if (url.pathname.endsWith('/diff')) return Response.json({ file: file('a'), unified: '@@ -1 +1 @@\n-x\n+y\n', hash: 'h', binary: false, leftOut: 0 });
    const changes: Changes = { turn: null, workspace, files: here.map(file), more: 0, leftOut: [], ahead: 0, programs: { list: [], hash: 'h' }, kept: [] };
    return Response.json(changes);
  }) as unknown as typeof fetch;
  return { store: new ChangesStore(new Api(ask), 'r', null), asked, api: new Api(ask) };
}

describe('changes of a run', () => {
  test('that were discarded can be put back at once, and what stayed is said', async () => {
    const { store, asked } = gateway('a', 'b');
    await store.load();
    await store.open('a');
    expect(store.diffs.get('a')).toMatchObject({ hash: 'h' });
    expect(await store.discard('all')).toBe(true);
    expect(store.done).toBe('2 files discarded. kept is as it was, because it is a submodule.');
    expect(store.changes?.files).toEqual([]);
    expect(store.diffs.size).toBe(0);
    expect(await store.restore(store.undo!)).toBe(true);
    expect(store.changes?.files.map((one) => one.path)).toEqual(['a', 'b']);
    expect(store.undo).toBe('refs/offdesk/r/2-restore');
    expect(asked.filter((one) => one.startsWith('POST'))).toEqual(['POST /changes/discard', 'POST /changes/restore']);
  });

  test('say why something was refused, and ask for nothing while one thing is under way', async () => {
    const { store, api, asked } = gateway('a');
    const commit = () => store.act(async () => (await api.commit('r', { message: 'm', paths: [], staged: false, programs: null, withoutPrograms: false })).commit);
    expect(await Promise.all([commit(), commit()])).toEqual([false, false]);
    expect(asked).toEqual(['POST /changes/commit']);
    expect(store.trouble).toEqual({ message: 'Git would start programs.', hint: 'Choose.' });
    expect(store.busy).toBe(false);
  });
});
