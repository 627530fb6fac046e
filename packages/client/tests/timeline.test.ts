import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Api } from '../src/api.ts';
import { commandParts, diffLines, prose, visible } from '../src/text.ts';
import { Timeline } from '../src/timeline.svelte.ts';
import type { Envelope, Event } from '../src/types.gen.ts';
import { snapshot } from './fakes.ts';

const at = '2026-01-01T00:00:00Z';
const envelope = (seq: number, event: Event, run = 'r'): Envelope => ({ seq, at, host: 'h', run, event });
const said = (id: string, text: string): Event => ({ type: 'message.added', message: id, role: 'agent', text, parent: null });

/** A gateway that holds these events of the run. */
function timeline(...held: Envelope[]) {
  const ask = (async (path: string) => {
    const query = new URL(path, 'http://x').searchParams;
    const before = held.filter((event) => event.seq < Number(query.get('before')));
    return new Response(JSON.stringify(before.slice(-Number(query.get('limit')))));
  }) as unknown as typeof fetch;
  return new Timeline(new Api(ask), 'r');
}

/** A run's whole life as events: every kind of pair, and a message said in pieces before. */
const LIFE: Envelope[] = [
  { type: 'prompt.sent', prompt: 'p', text: 'go', by: { kind: 'agent' }, when: 'now', attachments: [] } as Event,
  { type: 'prompt.delivered', prompt: 'p' } as Event,
  said('a', 'I look'),
  { type: 'tool.started', tool: 't', name: 'Bash', kind: 'command', title: 'ls', input: {}, parent: null } as Event,
  { type: 'tool.finished', tool: 't', status: 'ok', output: 'x', truncated: 0, diffs: [] } as Event,
  { type: 'notice.raised', level: 'info', code: 'c', text: 'a notice' } as Event,
  { type: 'changes.recorded', turn: 'u', base: 'x', tree: 'y', more: 2, files: [{ path: 'a', from: null, status: 'modified', added: 3, removed: null, uncommitted: false }] } as Event,
  { type: 'workspace.changed', deed: { type: 'discarded', files: 1, snapshot: 's' }, by: { kind: 'agent' } } as Event,
  { type: 'artifact.added', artifact: { id: 'k', run: 'r', kind: 'file', name: 'report.md', size: 3, mediaType: 'text/plain', sha256: 'x', at, by: { kind: 'agent' } } } as Event,
  said('b', 'Done'),
  { type: 'run.exited', attempt: 'a', exit: { type: 'exited', code: 0, detail: null } } as Event,
].map((event, index) => envelope(index + 1, event));

const texts = (line: Timeline) => line.items.map((item) => ('text' in item ? item.text : item.kind));

describe('a timeline', () => {
  test('shows the end it kept while nobody answers, and then begins anew: what came meanwhile leaves no gap', async () => {
    const kept = new Map([['r', [envelope(1, said('a', 'one'))]]]);
    const keep = { get: async (run: string) => kept.get(run), put: async (run: string, events: Envelope[]) => void kept.set(run, events) };
    let answers = false;
    const held = [envelope(1, said('a', 'one')), envelope(2, said('b', 'two')), envelope(3, said('c', 'three'))];
    const ask = (async () => {
      if (!answers) throw new TypeError('network');
      return new Response(JSON.stringify(held));
    }) as unknown as typeof fetch;
    const line = new Timeline(new Api(ask), 'r', keep);
    await line.load();
    expect([texts(line), line.recalled, line.failed]).toEqual([['one'], true, null]);
    answers = true;
    line.receive(snapshot(3));
    line.receive({ type: 'events', events: [envelope(3, said('c', 'three'))] });
    await vi.waitFor(() => expect(texts(line)).toEqual(['one', 'two', 'three']));
    expect(line.recalled).toBe(false);
    line.keepEnd();
    await vi.waitFor(() => expect(kept.get('r')).toHaveLength(3));
  });

  test('joins history and what happens, each event once, whichever came first', async () => {
    const line = timeline(envelope(1, said('a', 'one')), envelope(2, said('b', 'two')));
    line.receive({ type: 'events', events: [envelope(2, said('b', 'two')), envelope(3, said('c', 'three')), envelope(4, said('x', 'of another run'), 's')] });
    await line.load();
    line.receive({ type: 'events', events: [envelope(3, said('c', 'three'))] });
    expect(texts(line)).toEqual(['one', 'two', 'three']);
    expect(line.complete).toBe(true);
  });

  test('shows what a sub-agent says and asks below it, also when two of them work at once', () => {
    const line = timeline();
    const started = (tool: string, parent: string | null): Event => ({ type: 'tool.started', tool, name: 'Agent', kind: 'agent', title: `Agent: ${tool}`, input: {}, parent });
    const below = (id: string, parent: string): Event => ({ ...said(id, id), parent } as Event);
    const asks = { type: 'approval.requested', approval: { id: 'ask', subAgent: { tool: 'two', name: 'Look' } } } as Event;
    const events = [started('one', null), started('two', null), below('a', 'one'), below('b', 'one'), asks, below('c', 'two'), started('three', 'two'), below('d', 'three'), said('e', 'done')];
    line.receive({ type: 'events', events: events.map((event, index) => envelope(index + 1, event)) });
    expect(line.items.map(({ key, under }) => [key, under && [under.title, under.depth, under.first]])).toEqual([
      ['tool:one', undefined],
      ['tool:two', undefined],
      ['message:a', ['Agent: one', 1, true]],
      ['message:b', ['Agent: one', 1, false]],
      ['approval:ask', ['Agent: two', 1, true]],
      ['message:c', ['Agent: two', 1, false]],
      ['tool:three', ['Agent: two', 1, false]],
      ['message:d', ['Agent: three', 2, true]],
      ['message:e', undefined],
    ]);
  });

  test('shows a message while it is written and its whole in its place', () => {
    const line = timeline();
    line.receive({ type: 'delta', run: 'r', message: 'm', role: 'agent', text: 'hel' });
    line.receive({ type: 'delta', run: 'r', message: 'm', role: 'agent', text: 'lo' });
    expect(line.items).toMatchObject([{ text: 'hello', streaming: true }]);
    line.receive({ type: 'events', events: [envelope(1, said('m', 'hello, whole'))] });
    expect(line.items).toMatchObject([{ text: 'hello, whole', streaming: false }]);
  });

  test('a piece that comes after its whole changes nothing', () => {
    const line = timeline();
    line.receive({ type: 'events', events: [envelope(1, said('m', 'whole'))] });
    line.receive({ type: 'delta', run: 'r', message: 'm', role: 'agent', text: 'who' });
    expect(texts(line)).toEqual(['whole']);
  });

  test('is the same story however the connection broke and whatever came twice', async () => {
    const whole = timeline(...LIFE);
    await whole.load();
    const batch = fc.record({ from: fc.nat(LIFE.length - 1), length: fc.integer({ min: 1, max: LIFE.length }), reconnect: fc.boolean() });
    await fc.assert(fc.asyncProperty(fc.array(batch, { maxLength: 12 }), fc.nat(12), async (batches, loadAt) => {
      const line = timeline(...LIFE);
      for (const [index, { from, length, reconnect }] of batches.entries()) {
        if (index === loadAt) await line.load();
        if (reconnect) line.receive(snapshot(LIFE.length));
        line.receive({ type: 'events', events: LIFE.slice(from, from + length) });
      }
      await line.load();
      line.receive({ type: 'events', events: LIFE });
      expect(line.items).toEqual(whole.items);
    }));
  });

  test('keeps the items that did not change, so that they are not drawn again', () => {
    const line = timeline();
    line.receive({ type: 'events', events: LIFE.slice(0, 3) });
    const [prompt] = line.items;
    line.receive({ type: 'delta', run: 'r', message: 'b', role: 'agent', text: 'Do' });
    line.receive({ type: 'events', events: LIFE.slice(3) });
    expect(line.items[0]).toBe(prompt);
  });

  test('forgets the story of another log, also one that is still on its way', async () => {
    let answer: (page: Envelope[]) => void = () => undefined;
    const pages: Promise<Envelope[]>[] = [new Promise((done) => (answer = done)), Promise.resolve([envelope(1, said('new', 'new log'))])];
    const ask = (async () => new Response(JSON.stringify(await pages.shift()))) as unknown as typeof fetch;
    const line = new Timeline(new Api(ask), 'r');
    const loading = line.load();
    line.receive(snapshot(1, { resync: true }));
    answer([envelope(7, said('old', 'old log'))]);
    await loading;
    await vi.waitFor(() => expect(texts(line)).toEqual(['new log']));
  });

  test('that could not be loaded is loaded when the connection is back', async () => {
    let broken = true;
    const ask = (async () => {
      if (broken) throw new TypeError('network');
      return new Response(JSON.stringify([envelope(1, said('a', 'here'))]));
    }) as unknown as typeof fetch;
    const line = new Timeline(new Api(ask), 'r');
    await line.load();
    expect(line.failed).toBe('The gateway does not answer.');
    broken = false;
    line.receive(snapshot(1));
    await vi.waitFor(() => expect(texts(line)).toEqual(['here']));
    expect(line.failed).toBeNull();
  });

  test('drops unfinished pieces after a break: some may be missing', () => {
    const line = timeline();
    line.receive({ type: 'delta', run: 'r', message: 'm', role: 'agent', text: 'hel' });
    line.receive(snapshot(5));
    expect(line.items).toEqual([]);
  });

  test('pairs tools with their ends and prompts with their receipts', () => {
    const line = timeline();
    line.receive({
      type: 'events',
      events: [
        envelope(1, { type: 'prompt.sent', prompt: 'p', text: 'go', by: { kind: 'agent' }, when: 'now', attachments: [] }),
        envelope(2, { type: 'prompt.delivered', prompt: 'p' }),
        envelope(3, { type: 'tool.started', tool: 't', name: 'Bash', kind: 'command', title: 'Bash: ls', input: {}, parent: null }),
        envelope(4, { type: 'tool.finished', tool: 't', status: 'denied', output: 'no', truncated: 0, diffs: [] }),
        envelope(5, { type: 'hologram.shown' } as unknown as Event),
        envelope(6, { type: 'run.exited', attempt: 'a', exit: { type: 'exited', code: 3, detail: 'no licence' } }),
      ],
    });
    expect(line.items).toMatchObject([
      { kind: 'prompt', delivered: true },
      { kind: 'tool', status: 'denied', output: 'no' },
      { kind: 'unknown' },
      { kind: 'end', text: 'Ended with code 3: no licence', bad: true },
    ]);
  });
});

describe('hostile text', () => {
  test('is shown as what it is', () => {
    expect(visible('rm \u202etxt.exe\u200b \u001b[2J\ttab\nline')).toBe('rm ⟨U+202E⟩txt.exe⟨U+200B⟩ ⟨U+001B⟩[2J\ttab\nline');
    expect(visible('café 日本 🎉')).toBe('café 日本 🎉');
    expect(visible('rm\u00a0-rf\u3164 a\ufe0f\u{e0041}\u2028')).toBe('rm⟨U+00A0⟩-rf⟨U+3164⟩ a⟨U+FE0F⟩⟨U+E0041⟩⟨U+2028⟩');
  });

  test('in prose keeps what writing needs and shows what turns it around', () => {
    expect(prose('👩‍💻 می‌خواهم 10\u00a0%')).toBe('👩‍💻 می‌خواهم 10\u00a0%');
    expect(prose('a\u202eb\u2066c\u001b[2J\r50 %')).toBe('a⟨U+202E⟩b⟨U+2066⟩c⟨U+001B⟩[2J⟨U+000D⟩50 %');
    expect(prose('\u001b[1;31mred\u001b[0m \u001b[8mhidden\r\n')).toBe('red hidden\n');
  });

  test('commands are cut where one thing ends and nothing is left out', () => {
    const command = 'cd a && rm -rf b; echo $(x) | tee >> y\n`z`';
    const parts = commandParts(command);
    expect(parts.map((part) => part.text).join('')).toBe(command);
    expect(parts.filter((part) => part.mark).map((part) => part.text)).toEqual(['&&', ';', '$(', '|', '>>', '\n', '`', '`']);
  });

  test('diffs keep every line', () => {
    expect(diffLines('@@ -1 +1 @@\n-a\n+b\n c\n').map((line) => line.kind)).toEqual(['place', 'remove', 'add', 'same']);
  });
});
