import { Api, Live, Refused, Unreachable, type LinkState } from '@offdesk/client';
import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ask, changeDesk, socket } from '../src/bridge.ts';
import type { News } from '../src/contract.ts';

/** The app: what it is told, and what it says through a channel. */
class Shell {
  said: { command: string; args: Record<string, unknown> }[] = [];
  answers: Record<string, (args: Record<string, unknown>) => unknown> = {};
  private index = 0;

  constructor() {
    mockIPC((command, args) => {
      this.said.push({ command, args: args as Record<string, unknown> });
      return this.answers[command]?.(args as Record<string, unknown>);
    });
  }

  tell(message: News): void {
    const opened = this.said.find((one) => one.command === 'live_open');
    const [, id] = /^__CHANNEL__:(\d+)$/.exec(JSON.parse(JSON.stringify(opened?.args['news']))) ?? [];
    (window as unknown as { __TAURI_INTERNALS__: { runCallback(id: number, data: unknown): void } }).__TAURI_INTERNALS__.runCallback(Number(id), { message, index: this.index++ });
  }

  of = (command: string) => this.said.filter((one) => one.command === command).map((one) => one.args);
}

const settled = () => new Promise((done) => setTimeout(done));
let shell: Shell;

beforeEach(() => {
  vi.stubGlobal('window', globalThis);
  shell = new Shell();
});
afterEach(() => {
  clearMocks();
  vi.unstubAllGlobals();
});

describe('a request', () => {
  test('is carried with its body and answered as a Response', async () => {
    shell.answers['ask'] = () => ({ status: 409, headers: { 'content-type': 'application/json' }, body: '{"code":"wrongState","message":"No."}' });
    const answer = await ask('/api/v1/runs', { method: 'POST', body: '{"a":1}' });
    expect(shell.of('ask')).toEqual([{ method: 'POST', path: '/api/v1/runs', body: '{"a":1}' }]);
    expect(answer.status).toBe(409);
    expect(answer.ok).toBe(false);
    expect(await answer.json()).toEqual({ code: 'wrongState', message: 'No.' });
  });

  test.each([204, 304])('without a body is no error: %i', async (status) => {
    shell.answers['ask'] = () => ({ status, headers: {}, body: '' });
    expect((await ask('/x')).status).toBe(status);
  });

  test('that no gateway hears is unreachable to the API, so that it is said again', async () => {
    shell.answers['ask'] = () => Promise.reject({ code: 'unreachable', message: 'No gateway answers.' });
    await expect(new Api(ask).agents()).rejects.toBeInstanceOf(Unreachable);
    shell.answers['ask'] = () => Promise.reject('the window is gone');
    await expect(new Api(ask).agents()).rejects.toBeInstanceOf(Unreachable);
  });

  test('the gateway refuses speaks with its words', async () => {
    shell.answers['ask'] = () => ({ status: 403, headers: {}, body: '{"code":"notAllowed","message":"You may not."}' });
    await expect(new Api(ask).agents()).rejects.toThrow('You may not.');
  });

  test('is given up when the patience is over', async () => {
    shell.answers['ask'] = () => new Promise(() => undefined);
    const stop = new AbortController();
    const asked = ask('/x', { signal: stop.signal });
    stop.abort(new Error('too long'));
    await expect(asked).rejects.toThrow('too long');
    await expect(ask('/x', { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });
});

test('what the app refuses carries its hint', async () => {
  const problem = { code: 'wrongState', message: 'Another program has these keys.', hint: 'Choose others.' };
  shell.answers['change_settings'] = () => Promise.reject(problem);
  const refused = await changeDesk({ shortcut: 'X' }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refused);
  expect((refused as Refused).problem).toEqual(problem);
});

describe('a live connection', () => {
  test('opens, brings text and bytes, and ends with its code', async () => {
    shell.answers['live_open'] = () => 7;
    const heard: unknown[] = [];
    const live = socket();
    live.onopen = () => heard.push('open');
    live.onmessage = ({ data }) => heard.push(data);
    live.onclose = ({ code }) => heard.push(code);
    await settled();
    expect(live.readyState).toBe(0);
    const bytes = new ArrayBuffer(4);
    for (const news of [{ type: 'open' }, { type: 'text', text: 'a' }, bytes, { type: 'closed', code: 4401 }] as News[]) shell.tell(news);
    expect(heard).toEqual(['open', 'a', bytes, 4401]);
    expect(live.readyState).toBe(3);
    shell.tell({ type: 'text', text: 'late' });
    expect(heard).toHaveLength(4);
  });

  test('says one thing after the other, also what was said before it had a number', async () => {
    let number: (id: number) => void = () => undefined;
    shell.answers['live_open'] = () => new Promise((done) => (number = done));
    const slow: (() => void)[] = [];
    shell.answers['live_send'] = () => new Promise<void>((done) => slow.push(done));
    const live = socket();
    live.send('one');
    live.send('two');
    await settled();
    expect(shell.of('live_send')).toEqual([]);
    number(7);
    await settled();
    expect(shell.of('live_send')).toEqual([{ id: 7, text: 'one' }]);
    slow[0]?.();
    await settled();
    expect(shell.of('live_send')).toEqual([{ id: 7, text: 'one' }, { id: 7, text: 'two' }]);
  });

  test('that can not be made, or takes nothing any more, is closed', async () => {
    shell.answers['live_open'] = () => Promise.reject({ code: 'unreachable', message: 'No gateway answers.' });
    const codes: number[] = [];
    const none = socket();
    none.onclose = ({ code }) => codes.push(code);
    await settled();
    shell.answers['live_open'] = () => 8;
    shell.answers['live_send'] = () => Promise.reject({ code: 'notFound', message: 'It is closed.' });
    const deaf = socket();
    deaf.onclose = ({ code }) => codes.push(code);
    deaf.send('x');
    await settled();
    expect(codes).toEqual([1006, 1006]);
  });

  test('that is given up early is closed once it has a number, and says nothing', async () => {
    let number: (id: number) => void = () => undefined;
    shell.answers['live_open'] = () => new Promise((done) => (number = done));
    const live = socket();
    const heard: string[] = [];
    live.onclose = () => heard.push('closed');
    live.close();
    number(9);
    await settled();
    expect(shell.of('live_close')).toEqual([{ id: 9 }]);
    expect(heard).toEqual([]);
  });

  test('is enough for the client: hello, snapshot, connected', async () => {
    shell.answers['live_open'] = () => 1;
    const states: LinkState['kind'][] = [];
    const live = new Live({ state: ({ kind }) => states.push(kind), message: () => undefined }, socket);
    live.start();
    await settled();
    shell.tell({ type: 'open' });
    await settled();
    expect(JSON.parse(String(shell.of('live_send')[0]?.['text']))).toMatchObject({ type: 'hello', token: null });
    shell.tell({ type: 'text', text: JSON.stringify({ type: 'snapshot', cursor: { log: 'l', seq: 1 }, version: 1, build: 'b', host: 'h', hostName: 'n', resync: true, runs: [], approvals: [] }) });
    expect(states).toEqual(['connecting', 'connected']);
    live.stop();
  });
});
