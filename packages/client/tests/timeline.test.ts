import { describe, expect, test } from 'vitest';
import { Api } from '../src/api.ts';
import { commandParts, diffLines, visible } from '../src/text.ts';
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
  return new Timeline(new Api('key', ask), 'r');
}

const texts = (line: Timeline) => line.items.map((item) => ('text' in item ? item.text : item.kind));

describe('a timeline', () => {
  test('joins history and what happens, each event once, whichever came first', async () => {
    const line = timeline(envelope(1, said('a', 'one')), envelope(2, said('b', 'two')));
    line.receive({ type: 'events', events: [envelope(2, said('b', 'two')), envelope(3, said('c', 'three')), envelope(4, said('x', 'of another run'), 's')] });
    await line.load();
    line.receive({ type: 'events', events: [envelope(3, said('c', 'three'))] });
    expect(texts(line)).toEqual(['one', 'two', 'three']);
    expect(line.complete).toBe(true);
  });

  test('shows a message while it is written and its whole in its place', () => {
    const line = timeline();
    line.receive({ type: 'delta', run: 'r', message: 'm', role: 'agent', text: 'hel' });
    line.receive({ type: 'delta', run: 'r', message: 'm', role: 'agent', text: 'lo' });
    expect(line.items).toMatchObject([{ text: 'hello', streaming: true }]);
    line.receive({ type: 'events', events: [envelope(1, said('m', 'hello, whole'))] });
    expect(line.items).toMatchObject([{ text: 'hello, whole', streaming: false }]);
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
        envelope(1, { type: 'prompt.sent', prompt: 'p', text: 'go', by: { kind: 'agent' } }),
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
