import { t } from './messages/index.ts';
import { Unreachable, type Api } from './api.ts';
import type { StoryStore } from './lastKnown.ts';
import { Pace } from './pace.ts';
import type { Envelope, Event, FileDiff, ToViewer, WorkspaceDeed } from './types.gen.ts';

/** The sub-agent's tool use that an item belongs to. */
export interface Under {
  tool: string;
  title: string;
  /** How many sub-agents work for one another here. */
  depth: number;
  /** What stands before it belongs to something else. */
  first: boolean;
}

/** One thing in a run's story, as it is shown. */
export type Item = { key: string; at: string; under?: Under } & (
  | { kind: 'prompt'; id: string; text: string; delivered: boolean; files: string[] }
  | { kind: 'message'; text: string; thought: boolean; streaming: boolean }
  | {
      kind: 'tool';
      title: string;
      tool: string;
      status: 'running' | 'ok' | 'failed' | 'denied' | 'ended';
      output: string;
      truncated: number;
      diffs: FileDiff[];
    }
  | { kind: 'approval'; id: string }
  | { kind: 'changes'; turn: string; files: number; added: number; removed: number }
  | { kind: 'notice'; level: 'info' | 'warning' | 'error'; text: string }
  | { kind: 'end'; text: string; bad: boolean }
  | { kind: 'unknown' }
);

/** The first page is soon there; those before it are fetched by somebody who reads or looks for something. */
const FIRST_PAGE = 300;
const PAGE = 1_000;
/** Nobody has answered by then: what was kept is shown meanwhile. */
const LATE_MS = 1_000;
const KEEP_MS = 2_000;
/** Below every event there is. */
const START = Number.MAX_SAFE_INTEGER;

/** A run's story: history by pages, then what happens, each event once and in order. */
export class Timeline {
  /** The story as far as it is known, then the messages that are being written. */
  items = $state.raw<Item[]>([]);
  loading = $state(false);
  /** Everything from the beginning is here. */
  complete = $state(false);
  failed = $state<string | null>(null);
  private events: Envelope[] = [];
  private story = new Story();
  private readonly seqs = new Set<number>();
  private readonly drafts = new Map<string, Extract<Item, { kind: 'message' }>>();
  /** Which log the pages asked for belong to; a page of an earlier one is dropped. */
  private era = 0;
  /** A model writes faster than a page is drawn. */
  private readonly pace = new Pace(() => this.show());

  /** What is here was kept from an earlier time: it ends somewhere, and what came since is not known. */
  recalled = $state(false);

  private keeping: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    readonly run: string,
    /** Keeps the end of the story for a time without a line. */
    private readonly keep?: StoryStore,
  ) {}

  /** Loads the page before what is here. */
  async load(): Promise<void> {
    if (this.loading || this.complete || this.recalled) return;
    this.loading = true;
    this.failed = null;
    const era = this.era;
    const late = this.events.length === 0 ? setTimeout(() => void this.recall(era), LATE_MS) : undefined;
    try {
      const wanted = this.events.length === 0 ? FIRST_PAGE : PAGE;
      const page = await this.api.before(this.run, this.events[0]?.seq ?? START, wanted);
      if (era !== this.era) return;
      if (this.recalled) this.clear();
      this.complete = page.length < wanted;
      this.add(page);
    } catch (error) {
      if (this.events.length === 0 && error instanceof Unreachable) await this.recall(era);
      if (era === this.era && !this.recalled) this.failed = error instanceof Error ? error.message : String(error);
    } finally {
      clearTimeout(late);
      if (era === this.era) this.loading = false;
    }
  }

  /** Shows what was kept, while nobody answers. */
  private async recall(era: number): Promise<void> {
    const kept = await this.keep?.get(this.run).catch(() => undefined);
    if (!kept || era !== this.era || this.events.length > 0) return;
    this.recalled = true;
    this.add(kept);
  }

  /** Keeps the end of the story, for a time without a line. */
  keepEnd(): void {
    clearTimeout(this.keeping);
    this.keeping = undefined;
    if (!this.recalled && this.events.length > 0) void this.keep?.put(this.run, this.events.slice(-FIRST_PAGE)).catch(() => undefined);
  }

  private clear(): void {
    this.recalled = false;
    this.events = [];
    this.story = new Story();
    this.seqs.clear();
  }

  receive(message: ToViewer): void {
    if (message.type === 'events') {
      this.add(message.events.filter((event) => event.run === this.run));
    } else if (message.type === 'delta' && message.run === this.run) {
      this.draft(message);
    } else if (message.type === 'snapshot') {
      this.reconnected(message.resync);
    }
  }

  private draft({ message: id, role, text }: Extract<ToViewer, { type: 'delta' }>): void {
    const key = `message:${id}`;
    // A piece that comes after its whole says nothing new.
    if (this.story.has(key)) return;
    const at = this.events.at(-1)?.at ?? '';
    const known = this.drafts.get(id) ?? { key, at, kind: 'message', text: '', thought: role === 'thought', streaming: true };
    this.drafts.set(id, { ...known, text: known.text + text });
    this.pace.ask();
  }

  private reconnected(resync: boolean): void {
    // Pieces may have been missed while we were away; the finished message has the whole.
    this.drafts.clear();
    // Between what was kept and what comes now there may be a gap.
    const anew = resync || this.recalled;
    if (anew) {
      this.era++;
      this.clear();
      this.complete = this.loading = false;
    }
    if (anew || this.failed) void this.load();
    this.show();
  }

  private add(events: Envelope[]): void {
    const fresh = events.filter((event) => !this.seqs.has(event.seq)).sort((a, b) => a.seq - b.seq);
    if (fresh.length === 0) return;
    for (const { seq, event } of fresh) {
      this.seqs.add(seq);
      if (event.type === 'message.added') this.drafts.delete(event.message);
      if (event.type === 'turn.finished' || event.type === 'run.exited') this.drafts.clear();
    }
    const later = fresh[0]!.seq > (this.events.at(-1)?.seq ?? 0);
    this.events.push(...fresh);
    // What comes after everything known is told on; anything else tells the story anew.
    if (!later) {
      this.events.sort((a, b) => a.seq - b.seq);
      this.story = new Story();
    }
    for (const event of later ? fresh : this.events) this.story.tell(event);
    this.show();
    // A phone that throws the page away does not say so.
    if (this.keep && !this.recalled) this.keeping ??= setTimeout(() => this.keepEnd(), KEEP_MS);
  }

  private show(): void {
    this.items = [...this.story.items, ...this.drafts.values()];
  }
}

/** Events told as items. An item that changes is replaced, so that those that stay are known to have stayed. */
class Story {
  readonly items: Item[] = [];
  private readonly places = new Map<string, number>();

  has(key: string): boolean {
    return this.places.has(key);
  }

  private put(item: Item, parent: string | null = null): void {
    const place = this.places.get(item.key) ?? this.items.length;
    this.places.set(item.key, place);
    this.items[place] = parent ? { ...item, under: this.under(parent, this.items[place - 1]) } : item;
  }

  private under(tool: string, before: Item | undefined): Under {
    const started = this.items[this.places.get(`tool:${tool}`) ?? -1];
    const title = started?.kind === 'tool' ? started.title : '';
    return { tool, title, depth: (started?.under?.depth ?? 0) + 1, first: before?.under?.tool !== tool };
  }

  private change(key: string, change: object): void {
    const place = this.places.get(key);
    if (place !== undefined) this.items[place] = { ...this.items[place], ...change } as Item;
  }

  tell({ seq, at, event }: Envelope): void {
    const key = `event:${seq}`;
    const end = (text: string, bad = false) => this.put({ key, at, kind: 'end', text, bad });
    switch (event.type) {
      case 'prompt.sent':
        return this.put({
          key: `prompt:${event.prompt}`, at, kind: 'prompt', id: event.prompt, text: event.text, delivered: false,
          files: (event.attachments ?? []).map((file) => file.name),
        });
      case 'prompt.changed':
        return this.change(`prompt:${event.prompt}`, { text: event.text });
      case 'prompt.withdrawn':
        return this.change(`prompt:${event.prompt}`, { kind: 'end', text: t.story.promptWithdrawn, bad: false });
      case 'agent.modelChanged':
        if (event.control) end(t.story.worksWith(event.model));
        return;
      case 'agent.modeChanged':
        if (event.control) end(t.story.inMode(event.mode));
        return;
      case 'agent.controlRefused':
        return this.put({ key, at, kind: 'notice', level: 'warning', text: event.why });
      case 'limit.reported':
        if (event.limit.state === 'reached') this.put({ key, at, kind: 'notice', level: 'warning', text: t.story.limitReached });
        return;
      case 'run.resumeWhenReset':
        return end(event.on ? t.story.goesOnByItself : t.story.notByItself);
      case 'prompt.delivered':
        return this.change(`prompt:${event.prompt}`, { delivered: true });
      case 'message.added':
        return this.message(event, at);
      case 'tool.started':
        return this.put({
          key: `tool:${event.tool}`, at, kind: 'tool', title: event.title, tool: event.name, status: 'running', output: '', truncated: 0, diffs: [],
        }, event.parent);
      case 'tool.finished':
        return this.change(`tool:${event.tool}`, { status: event.status, output: event.output, truncated: event.truncated, diffs: event.diffs });
      case 'approval.requested':
      case 'question.asked':
        return this.approval(event.approval.id, event.approval.subAgent?.tool ?? null, at);
      case 'notice.raised':
        return this.put({ key, at, kind: 'notice', level: event.level, text: event.text });
      case 'turn.finished':
        if (event.status === 'failed') end(event.error ?? t.story.turnFailed, true);
        if (event.status === 'interrupted') end(t.story.interrupted);
        return;
      case 'run.stopRequested':
        return end(event.timedOut ? t.story.timeOver : t.story.stopAsked);
      case 'run.interruptRequested':
        return end(t.story.interruptAsked);
      case 'run.exited':
        this.cutOff();
        return this.put({ key, at, kind: 'end', ...exitText(event.exit) });
      case 'run.starting':
        if (event.number > 1) end(t.story.attempt(event.number));
        return;
      case 'changes.recorded':
        return this.changes(event, key, at);
      case 'workspace.prepared':
        for (const note of event.workspace.worktree ? event.workspace.notes : []) this.put({ key: `${key}:${note}`, at, kind: 'notice', level: 'info', text: note });
        return;
      case 'workspace.changed':
        return end(deedText(event.deed));
      case 'artifact.added':
        return end(t.story.kept(event.artifact.name));
      case 'snapshot.taken':
      case 'run.created':
      case 'run.modelAsked':
      case 'run.modeAsked':
      case 'agent.offered':
      case 'prompt.moved':
      case 'run.resumed':
      case 'run.started':
      case 'run.archived':
      case 'run.deleted':
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
        return this.put({ key, at, kind: 'unknown' });
    }
  }

  private message(event: Extract<Event, { type: 'message.added' }>, at: string): void {
    this.put({ key: `message:${event.message}`, at, kind: 'message', text: event.text, thought: event.role === 'thought', streaming: false }, event.parent);
  }

  private approval(id: string, parent: string | null, at: string): void {
    // Brought up to date, it stays where it was.
    const key = `approval:${id}`;
    if (!this.has(key)) this.put({ key, at, kind: 'approval', id }, parent);
  }

  private changes(event: Extract<Event, { type: 'changes.recorded' }>, key: string, at: string): void {
    const sum = (of: 'added' | 'removed') => event.files.reduce((all, file) => all + (file[of] ?? 0), 0);
    const files = event.files.length + event.more;
    if (files > 0) this.put({ key, at, kind: 'changes', turn: event.turn, files, added: sum('added'), removed: sum('removed') });
  }

  /** The attempt is over: what it was doing does not go on. */
  private cutOff(): void {
    for (const item of this.items) {
      if (item.kind === 'tool' && item.status === 'running') this.change(item.key, { status: 'ended' });
    }
  }
}

/** What a person did with the workspace. */
function deedText(deed: WorkspaceDeed): string {
  switch (deed.type) {
    case 'committed':
      return t.story.committed(deed.commit.slice(0, 8), deed.subject);
    case 'discarded':
      return t.story.discarded(t.changes.files(deed.files));
    case 'restored':
      return t.story.putBack(t.changes.files(deed.files));
    case 'merged':
      return t.story.merged(deed.into);
    case 'pullRequestOpened':
      return t.story.requestOpened(deed.url);
    case 'worktreeRemoved':
      return deed.saved ? t.story.removedSaved(deed.saved) : t.story.worktreeRemoved;
  }
}

function exitText(exit: Extract<Event, { type: 'run.exited' }>['exit']): { text: string; bad: boolean } {
  switch (exit.type) {
    case 'exited':
      return exit.code === 0
        ? { text: t.story.over, bad: false }
        : { text: t.story.endedWith(String(exit.code), exit.detail ? `: ${exit.detail}` : ''), bad: true };
    case 'signalled':
      return { text: t.story.endedBy(exit.signal), bad: true };
    default:
      return { text: exit.detail, bad: true };
  }
}
