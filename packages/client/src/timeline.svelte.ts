import type { Api } from './api.ts';
import type { Envelope, Event, FileDiff, ToViewer } from './types.gen.ts';

/** One thing in a run's story, as it is shown. */
export type Item = { key: string; at: string } & (
  | { kind: 'prompt'; id: string; text: string; delivered: boolean }
  | { kind: 'message'; text: string; thought: boolean; streaming: boolean }
  | {
      kind: 'tool';
      title: string;
      tool: string;
      status: 'running' | 'ok' | 'failed' | 'denied';
      output: string;
      truncated: number;
      diffs: FileDiff[];
    }
  | { kind: 'approval'; id: string }
  | { kind: 'notice'; level: 'info' | 'warning' | 'error'; text: string }
  | { kind: 'end'; text: string; bad: boolean }
  | { kind: 'unknown' }
);

const PAGE = 300;
/** Below every event there is. */
const START = Number.MAX_SAFE_INTEGER;

/** A run's story: history by pages, then what happens, each event once and in order. */
export class Timeline {
  items = $state<Item[]>([]);
  loading = $state(false);
  /** Everything from the beginning is here. */
  complete = $state(false);
  failed = $state<string | null>(null);
  private events: Envelope[] = [];
  private readonly seqs = new Set<number>();
  private readonly drafts = new Map<string, { text: string; thought: boolean }>();

  constructor(
    private readonly api: Api,
    readonly run: string,
  ) {}

  /** Loads the page before what is here. */
  async load(): Promise<void> {
    if (this.loading || this.complete) return;
    this.loading = true;
    this.failed = null;
    try {
      const first = this.events[0]?.seq ?? START;
      const page = await this.api.before(this.run, first, PAGE);
      this.complete = page.length < PAGE;
      this.add(page);
    } catch (error) {
      this.failed = error instanceof Error ? error.message : String(error);
    } finally {
      this.loading = false;
    }
  }

  receive(message: ToViewer): void {
    if (message.type === 'events') {
      this.add(message.events.filter((event) => event.run === this.run));
    } else if (message.type === 'delta' && message.run === this.run) {
      const draft = this.drafts.get(message.message) ?? { text: '', thought: message.role === 'thought' };
      this.drafts.set(message.message, { ...draft, text: draft.text + message.text });
      this.rebuild();
    } else if (message.type === 'snapshot') {
      // Pieces may have been missed while we were away; the finished message has the whole.
      this.drafts.clear();
      if (message.resync) this.forget();
      this.rebuild();
    }
  }

  private forget(): void {
    this.events = [];
    this.seqs.clear();
    this.complete = false;
    void this.load();
  }

  private add(events: Envelope[]): void {
    const fresh = events.filter((event) => !this.seqs.has(event.seq));
    if (fresh.length === 0) return;
    for (const event of fresh) {
      this.seqs.add(event.seq);
      if (event.event.type === 'message.added') this.drafts.delete(event.event.message);
      if (event.event.type === 'turn.finished' || event.event.type === 'run.exited') this.drafts.clear();
    }
    this.events = [...this.events, ...fresh].sort((a, b) => a.seq - b.seq);
    this.rebuild();
  }

  private rebuild(): void {
    const items: Item[] = [];
    const byKey = new Map<string, number>();
    const put = (item: Item) => {
      byKey.set(item.key, items.length);
      items.push(item);
    };
    const change = (key: string, edit: (item: Item) => Item) => {
      const index = byKey.get(key);
      if (index !== undefined) items[index] = edit(items[index]!);
    };
    for (const { seq, at, event } of this.events) apply(event, seq, at, put, change, byKey);
    const now = this.events.at(-1)?.at ?? '';
    for (const [id, draft] of this.drafts) {
      put({ key: `message:${id}`, at: now, kind: 'message', text: draft.text, thought: draft.thought, streaming: true });
    }
    this.items = items;
  }
}

function apply(
  event: Event,
  seq: number,
  at: string,
  put: (item: Item) => void,
  change: (key: string, edit: (item: Item) => Item) => void,
  known: Map<string, number>,
): void {
  const key = `event:${seq}`;
  switch (event.type) {
    case 'prompt.sent':
      return put({ key: `prompt:${event.prompt}`, at, kind: 'prompt', id: event.prompt, text: event.text, delivered: false });
    case 'prompt.delivered':
      return change(`prompt:${event.prompt}`, (item) => ({ ...item, delivered: true }) as Item);
    case 'message.added':
      return put({
        key: `message:${event.message}`, at, kind: 'message', text: event.text, thought: event.role === 'thought', streaming: false,
      });
    case 'tool.started':
      return put({
        key: `tool:${event.tool}`, at, kind: 'tool', title: event.title, tool: event.name, status: 'running', output: '', truncated: 0, diffs: [],
      });
    case 'tool.finished':
      return change(
        `tool:${event.tool}`,
        (item) => ({ ...item, status: event.status, output: event.output, truncated: event.truncated, diffs: event.diffs }) as Item,
      );
    case 'approval.requested':
    case 'question.asked':
      // Brought up to date, it stays where it was.
      if (!known.has(`approval:${event.approval.id}`)) {
        put({ key: `approval:${event.approval.id}`, at, kind: 'approval', id: event.approval.id });
      }
      return;
    case 'notice.raised':
      return put({ key, at, kind: 'notice', level: event.level, text: event.text });
    case 'turn.finished':
      if (event.status === 'failed') put({ key, at, kind: 'end', text: event.error ?? 'The turn failed.', bad: true });
      if (event.status === 'interrupted') put({ key, at, kind: 'end', text: 'Interrupted', bad: false });
      return;
    case 'run.stopRequested':
      return put({ key, at, kind: 'end', text: event.timedOut ? 'Its time is over; stopping' : 'Stop asked for', bad: false });
    case 'run.interruptRequested':
      return put({ key, at, kind: 'end', text: 'Interrupt asked for', bad: false });
    case 'run.exited':
      return put({ key, at, kind: 'end', ...exitText(event.exit) });
    case 'run.starting':
      if (event.number > 1) put({ key, at, kind: 'end', text: `Attempt ${event.number}`, bad: false });
      return;
    case 'run.created':
    case 'run.resumed':
    case 'run.started':
    case 'run.archived':
    case 'run.labelled':
    case 'agent.identified':
    case 'turn.started':
    case 'approval.resolved':
    case 'question.answered':
    case 'approval.delivered':
    case 'approval.finished':
    case 'usage.reported':
      return;
    default:
      return put({ key, at, kind: 'unknown' });
  }
}

function exitText(exit: Extract<Event, { type: 'run.exited' }>['exit']): { text: string; bad: boolean } {
  switch (exit.type) {
    case 'exited':
      return exit.code === 0
        ? { text: 'Ended', bad: false }
        : { text: `Ended with code ${exit.code}${exit.detail ? `: ${exit.detail}` : ''}`, bad: true };
    case 'signalled':
      return { text: `Ended by signal ${exit.signal}`, bad: true };
    default:
      return { text: exit.detail, bad: true };
  }
}
