import type { Health, Settings } from '@offdesk/client';
import { expect, test } from 'vitest';
import { MachineApi } from '../src/machine.ts';
import { MachineStore } from '../src/machine.svelte.ts';

const SETTINGS: Settings = {
  roots: ['/r'], maxWorking: 4, lan: false, tunnel: 'quick', tunnelUrl: null, tunnelToken: false, cloudflared: null, paused: true, fixed: [], keys: 'keyring',
};
const HEALTH: Health = { ok: true, sentence: '', reached: '', hops: [], warnings: [] };

/** A gateway whose answers are let go one path at a time. */
function gateway(settings: () => Response) {
  const asked: string[] = [];
  const held: (() => void)[] = [];
  let holds = false;
  const machine = new MachineStore(new MachineApi(async (path, init) => {
    asked.push(`${init.method} ${path.replace('/api/v1', '')}${init.body ? ` ${String(init.body)}` : ''}`);
    if (holds && init.method === 'GET') await new Promise<void>((done) => held.push(done));
    if (path.endsWith('/health')) return Response.json(HEALTH);
    if (path.endsWith('/tunnel')) return Response.json({ state: 'up', url: 'https://a', verifiedAt: null });
    if (path.endsWith('/paths')) return Response.json({ paths: [{ kind: 'edge', url: 'https://a' }], signed: null });
    if (init.method === 'POST') return Response.json({ ...SETTINGS, ...JSON.parse(String(init.body)) });
    return settings();
  }));
  return { machine, asked, hold: () => (holds = true), release: () => { holds = false; held.splice(0).forEach((go) => go()); } };
}

test('after a change nothing stands that was seen before it, nor an answer asked for before it', async () => {
  const answers = [Response.json(SETTINGS), Response.json(SETTINGS), Response.json({ code: 'internal', message: 'x' }, { status: 500 })];
  const { machine, hold, release } = gateway(() => answers.shift()!);
  await machine.look();
  expect(machine.tunnel?.state).toBe('up');
  hold();
  const looking = machine.look();
  await machine.change({ paused: false });
  expect(machine.settings?.paused).toBe(false);
  expect([machine.tunnel, machine.paths, machine.heard]).toEqual([null, [], null]);
  release();
  await looking;
  expect(machine.tunnel?.state).toBe('up');
  // The look from before said that it is paused, and the one after it could not be answered.
  expect(answers).toEqual([]);
  expect(machine.settings?.paused).toBe(false);
});

test('a gateway that knows no settings is told apart from one that does not answer', async () => {
  const answers = [Response.json({ code: 'notFound', message: 'x' }, { status: 404 }), Response.json({ code: 'internal', message: 'x' }, { status: 500 }), Response.json(SETTINGS)];
  const { machine } = gateway(() => answers.shift()!);
  await machine.look();
  expect([machine.tooOld, machine.settings]).toEqual([true, null]);
  await machine.look();
  expect(machine.tooOld).toBe(true);
  await machine.look();
  expect([machine.tooOld, machine.settings]).toEqual([false, SETTINGS]);
});

test('a tunnel is tried again by being switched off and on as it was', async () => {
  const { machine, asked } = gateway(() => Response.json(SETTINGS));
  await machine.tryTunnel();
  expect(asked).toEqual([]);
  await machine.look();
  await machine.tryTunnel();
  expect(asked.filter((one) => one.startsWith('POST'))).toEqual(['POST /settings {"tunnel":"off"}', 'POST /settings {"tunnel":"quick"}']);
});
