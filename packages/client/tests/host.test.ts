import { describe, expect, test } from 'vitest';
import { Api } from '../src/api.ts';
import { Host } from '../src/host.svelte.ts';
import { newId } from '../src/ids.ts';
import type { Keep } from '../src/outbox.svelte.ts';
import type { Approval, Device, PairingRequest, RunView } from '../src/types.gen.ts';
import { snapshot } from './fakes.ts';

const approval = (more: Partial<Approval> = {}): Approval => ({
  id: 'a', run: 'r', attempt: 't', kind: 'command', tool: 'Bash', title: 'Run a command', text: 'ls', diffs: [], input: {},
  reason: null, questions: [], hash: 'seen', state: 'requested', resolution: null, decidedBy: null, decision: null,
  outcome: null, requestedAt: '2026-01-01T00:00:00Z', resolvedAt: null, deliveredAt: null, finishedAt: null, ...more,
});

const run = (more: Partial<RunView> = {}): RunView => ({
  id: 'r', agent: 'demo', dir: '/w', label: 'l', state: 'idle', needs: null, attempt: 1, attemptId: 't', pid: 1, queue: null,
  waiting: 0, line: '', model: null, localModel: null, mode: null, modelAsked: null, modeAsked: null, queued: [], limit: null, resumeWhenReset: false,
  waitsUntil: null, terminal: false, command: null, detected: null, usage: { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: null },
  archived: false, workspace: null, seq: 1, createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', ...more,
});

/** A line on which each request meets what comes next in the list: an answer, or 'broken'. */
function line(...answers: ({ status: number; body: unknown } | 'broken')[]) {
  const asked: { path: string; body: Record<string, unknown> }[] = [];
  const ask = (async (path: string, init: RequestInit) => {
    asked.push({ path, body: init.body ? JSON.parse(String(init.body)) : {} });
    const answer = answers.shift() ?? 'broken';
    if (answer === 'broken') throw new TypeError('network');
    return new Response(JSON.stringify(answer.body), { status: answer.status });
  }) as typeof fetch;
  const open = (later = async () => undefined as void, keep?: Keep) => new Host(new Api(ask), later, keep);
  return { host: open(), open, asked };
}

/** What a tab keeps while it is open, also over a reload. */
function tab(): Keep {
  const kept = new Map<string, string>();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) };
}

const never = () => new Promise<void>(() => undefined);

const settled = () => new Promise((done) => setTimeout(done));

describe('a decision', () => {
  test('is said again with the same id until somebody answers', async () => {
    const { host, asked } = line('broken', 'broken', { status: 200, body: approval({ state: 'allowed', resolution: 'allowed' }) });
    host.receive(snapshot(1, { approvals: [approval()] }));
    await host.decide(approval(), { type: 'allow' });
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map((one) => one.body['id'])).size).toBe(1);
    expect(asked[0]?.body).toMatchObject({ hash: 'seen', verdict: { type: 'allow' } });
    expect(host.approvals.get('a')?.state).toBe('allowed');
    expect(host.deciding('a')).toBeUndefined();
  });

  test('that comes second shows who was first', async () => {
    const problem = { code: 'alreadyResolved', message: 'This was already denied by laptop.' };
    const now = approval({ state: 'denied', resolution: 'denied', decidedBy: { kind: 'person', name: 'laptop' } });
    const { host } = line({ status: 409, body: problem }, { status: 200, body: now });
    host.receive(snapshot(1, { approvals: [approval()] }));
    await host.decide(approval(), { type: 'allow' });
    expect(host.deciding('a')).toMatchObject({ state: 'refused', message: problem.message });
    expect(host.approvals.get('a')?.decidedBy).toEqual({ kind: 'person', name: 'laptop' });
  });

  test("whose answer arrives late does not take back how far it has come", async () => {
    const { host } = line({ status: 200, body: approval({ state: 'allowed' }) });
    host.receive(snapshot(1, { approvals: [approval()] }));
    host.receive({ type: 'approval', approval: approval({ state: 'finished', outcome: 'ok' }) });
    await host.decide(approval(), { type: 'allow' });
    expect(host.approvals.get('a')?.state).toBe('finished');
  });

  test('made elsewhere while we were away is learned at the next snapshot', async () => {
    const { host } = line({ status: 200, body: approval({ state: 'finished' }) });
    host.receive(snapshot(1, { approvals: [approval()] }));
    expect(host.waiting).toHaveLength(1);
    host.receive(snapshot(9));
    await settled();
    expect(host.waiting).toHaveLength(0);
  });
});

describe('prompts', () => {
  test('queue while the line is broken and arrive in order, each with one id', async () => {
    const ok = { status: 200, body: run({ seq: 2 }) };
    const { host, asked } = line('broken', ok, ok);
    host.say('r', 'one');
    host.say('r', 'two');
    while (host.outbox('r').length) await settled();
    expect(asked.map((one) => one.body['text'])).toEqual(['one', 'one', 'two']);
    expect(asked[0]?.body['id']).toBe(asked[1]?.body['id']);
  });

  test('are said again at once when the connection is back', async () => {
    const { open, asked } = line('broken', { status: 200, body: run({ seq: 2 }) });
    const host = open(never);
    host.say('r', 'one');
    await settled();
    expect(asked).toHaveLength(1);
    host.receive(snapshot(1));
    await settled();
    expect(asked).toHaveLength(2);
    expect(host.outbox('r')).toEqual([]);
  });

  test('and decisions outlive a reload of the page, with their ids', async () => {
    const kept = tab();
    const before = line();
    const host = before.open(never, kept);
    host.say('r', 'one');
    void host.decide(approval(), { type: 'allow' });
    await settled();
    const after = line({ status: 200, body: run({ seq: 2 }) }, { status: 200, body: approval({ state: 'allowed' }) });
    const again = after.open(never, kept);
    await settled();
    expect(after.asked).toEqual(before.asked);
    expect(again.outbox('r')).toEqual([]);
    after.open(never, kept);
    await settled();
    expect(after.asked).toHaveLength(2);
  });

  test('wait for a new key when theirs is not valid any more', async () => {
    const kept = tab();
    const { open } = line({ status: 401, body: { code: 'unauthorized', message: 'The key is not valid.' } });
    const host = open(never, kept);
    host.say('r', 'one');
    await settled();
    const after = line({ status: 200, body: run({ seq: 2 }) });
    after.open(never, kept);
    await settled();
    expect(after.asked.map((one) => one.body['text'])).toEqual(['one']);
  });

  test('that are refused stay and say why', async () => {
    const { host } = line({ status: 413, body: { code: 'tooLarge', message: 'The prompt has 5.0 MiB; 4 MiB is the most.' } });
    host.say('r', 'x');
    await settled();
    expect(host.outbox('r')[0]?.status).toMatchObject({ state: 'refused', message: expect.stringContaining('5.0 MiB') });
  });
});

describe('runs', () => {
  test('are listed with those that need somebody first, and an older view never replaces a newer', () => {
    const { host } = line();
    host.receive(snapshot(1, { runs: [run({ id: 'idle' }), run({ id: 'ask', state: 'waiting' }), run({ id: 'gone', archived: true })] }));
    host.receive({ type: 'run', run: run({ id: 'idle', label: 'new', seq: 9 }) });
    host.receive({ type: 'run', run: run({ id: 'idle', label: 'old', seq: 3 }) });
    expect(host.list.map((one) => one.id)).toEqual(['ask', 'idle']);
    expect(host.runs.get('idle')?.label).toBe('new');
  });

  test('that were deleted are forgotten, also where an answer about them comes late', () => {
    const { host } = line();
    host.receive(snapshot(1, { runs: [run(), run({ id: 'other' })], approvals: [approval()] }));
    const by = { kind: 'gateway' } as const;
    host.receive({ type: 'events', events: [{ seq: 2, at: '2026-01-01T00:00:00Z', host: 'h', run: 'r', event: { type: 'run.deleted', by } }] });
    host.receive({ type: 'run', run: run({ seq: 9 }) });
    expect([...host.runs.keys()]).toEqual(['other']);
    expect(host.waiting).toEqual([]);
  });
});

describe('devices', () => {
  const device = (id: string, more: Partial<Device> = {}): Device => ({
    id, name: id, platform: 'Android', role: 'admin', state: 'active', local: false, origins: ['https://o'],
    createdAt: '2026-01-01T00:00:00Z', seenAt: null, online: [], decided: 0, keys: 1, ...more,
  });
  const list = (...devices: Device[]) => ({ status: 200, body: devices });
  const announced = (host: Host) => host.announced.map((one) => one.device.id);

  test('that were there before are not announced, and one that comes is, once, until somebody has seen it', async () => {
    const { host } = line(list(device('phone')));
    host.receive({ type: 'device', device: device('early') });
    await host.loadDevices();
    host.receive({ type: 'device', device: device('phone', { online: ['edge'] }) });
    expect(announced(host)).toEqual([]);
    host.receive({ type: 'device', device: device('other') });
    host.receive({ type: 'device', device: device('other', { online: ['edge'] }) });
    host.receive({ type: 'device', device: device('third') });
    expect(announced(host)).toEqual(['other', 'third']);
    expect(host.announced[0]?.at).toBe(Date.parse('2026-01-01T00:00:00Z'));
    host.dismissDevice('other');
    host.receive({ type: 'device', device: device('other') });
    expect(announced(host)).toEqual(['third']);
  });

  test('that came while the line was broken are announced too', async () => {
    const { host } = line(list(device('phone')), list(device('phone'), device('other'), device('gone', { state: 'revoked' })));
    await host.loadDevices();
    await host.loadDevices();
    expect(announced(host)).toEqual(['other']);
  });

  test('that come back after they were cut off are announced, and the note goes when they are cut off again', async () => {
    const { host } = line(list(device('other', { state: 'revoked' })));
    await host.loadDevices();
    host.receive({ type: 'device', device: device('other') });
    expect(announced(host)).toEqual(['other']);
    host.receive({ type: 'device', device: device('other', { state: 'revoked' }) });
    expect(announced(host)).toEqual([]);
  });

  test('that this page let in itself are no news to it', async () => {
    const no = { status: 404, body: { code: 'notFound', message: 'It waits no more.' } };
    const { host } = line(list(), { status: 200, body: { state: 'approved' } }, no);
    await host.loadDevices();
    await host.letIn('mine', true);
    host.receive({ type: 'device', device: device('mine') });
    expect(announced(host)).toEqual([]);
    await expect(host.letIn('theirs', true)).rejects.toThrow('It waits no more.');
    host.receive({ type: 'device', device: device('theirs') });
    expect(announced(host)).toEqual(['theirs']);
  });

  test('keep what was told while the list was on its way, and what the list alone counts', async () => {
    const { host } = line(list(device('phone', { decided: 3 })), list(device('phone', { decided: 4, name: 'old' })));
    await host.loadDevices();
    const asked = host.loadDevices();
    host.receive({ type: 'device', device: device('phone', { name: 'new' }) });
    host.receive({ type: 'device', device: device('late') });
    await asked;
    expect(host.devices.get('phone')).toMatchObject({ name: 'new', decided: 4 });
    expect(host.devices.has('late')).toBe(true);
    await host.changeDevice(Promise.resolve(device('phone', { name: 'newest' })));
    expect(host.devices.get('phone')).toMatchObject({ name: 'newest', decided: 4 });
  });

  test('that wait are those of the last word', () => {
    const request: PairingRequest = {
      device: 'd', name: 'n', platform: 'Android', digits: '012345', path: 'edge', role: 'admin', again: false, askedAt: '2026-01-01T00:00:00Z',
    };
    const { host } = line();
    host.receive({ type: 'pairings', pairings: [request] });
    expect(host.pairings).toEqual([request]);
    host.receive({ type: 'pairings', pairings: [] });
    expect(host.pairings).toEqual([]);
  });
});

describe('the connection', () => {
  test('lasts while it is doubted, and begins anew after a break', () => {
    const { host } = line();
    host.linkIs({ kind: 'connected' });
    const since = host.connectedSince;
    expect(since).not.toBeNull();
    host.linkIs({ kind: 'checking' });
    host.linkIs({ kind: 'connected' });
    expect(host.connectedSince).toBe(since);
    host.linkIs({ kind: 'away', since: 0, retryAt: 0 });
    expect(host.connectedSince).toBeNull();
  });
});

describe('ids', () => {
  test('ids sort by the time they were made', () => {
    const ids = Array.from({ length: 50 }, newId);
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(50);
  });
});
