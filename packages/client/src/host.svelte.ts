import { SvelteMap } from 'svelte/reactivity';
import { Api, Refused, Unreachable } from './api.ts';
import { newId } from './ids.ts';
import type { Live, LinkState } from './live.ts';
import type { AgentInfo, Approval, Envelope, RunView, ToViewer, Verdict } from './types.gen.ts';

/** A decision or prompt on its way: sent again with its id until it is answered. */
export type Sending = { state: 'sending' } | { state: 'refused'; message: string; hint?: string | undefined };

export interface Outgoing {
  id: string;
  text: string;
  status: Sending;
}

const STATES_BY_URGENCY = ['waiting', 'working', 'starting', 'queued', 'idle'];
const AGAIN_MS = 1_000;
/** How far an approval has come: an answer that arrives late must not take it back. */
const PROGRESS: Record<Approval['state'], number> = {
  requested: 0, allowed: 1, denied: 1, expired: 1, delivered: 2, withdrawn: 3, finished: 3,
};

/** One gateway as this page knows it: runs, approvals, and what is on its way there. */
export class Host {
  link = $state<LinkState>({ kind: 'connecting' });
  name = $state('');
  agents = $state<AgentInfo[]>([]);
  readonly runs = new SvelteMap<string, RunView>();
  readonly approvals = new SvelteMap<string, Approval>();
  /** Decisions on their way, by approval. */
  readonly deciding = new SvelteMap<string, Sending>();
  /** Prompts on their way, by run, in order. */
  readonly outbox = new SvelteMap<string, Outgoing[]>();
  private readonly listeners = new Set<(message: ToViewer) => void>();
  private readonly sendingTo = new Set<string>();

  /** Runs, those that need somebody first. */
  readonly list = $derived.by(() => {
    const rank = (run: RunView) => {
      const place = STATES_BY_URGENCY.indexOf(run.state);
      return place < 0 ? STATES_BY_URGENCY.length : place;
    };
    return [...this.runs.values()]
      .filter((run) => !run.archived)
      .sort((a, b) => rank(a) - rank(b) || (a.queue ?? 0) - (b.queue ?? 0) || b.updatedAt.localeCompare(a.updatedAt));
  });

  /** Approvals that wait, oldest first. */
  readonly waiting = $derived.by(() =>
    [...this.approvals.values()]
      .filter((approval) => approval.state === 'requested')
      .sort((a, b) => a.requestedAt.localeCompare(b.requestedAt)),
  );

  constructor(
    readonly api: Api,
    private readonly later: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
  ) {}

  /** The connection, once it is made; kept here so that screens reach it. */
  live: Live | null = null;

  listen(listener: (message: ToViewer) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  receive(message: ToViewer): void {
    switch (message.type) {
      case 'snapshot':
        this.name = message.hostName;
        this.replace(message.runs, message.approvals);
        break;
      case 'run':
        this.putRun(message.run);
        break;
      case 'approval':
        this.putApproval(message.approval);
        break;
      default:
    }
    for (const listener of this.listeners) listener(message);
  }

  private replace(runs: RunView[], approvals: Approval[]): void {
    const kept = new Set(runs.map((run) => run.id));
    for (const id of this.runs.keys()) if (!kept.has(id)) this.runs.delete(id);
    runs.forEach((run) => this.putRun(run));
    // What is not waiting any more was resolved while we were away; its events say how.
    const open = new Set(approvals.map((approval) => approval.id));
    for (const [id, approval] of this.approvals) {
      if (approval.state === 'requested' && !open.has(id)) void this.refresh(id);
    }
    approvals.forEach((approval) => this.putApproval(approval));
  }

  /** Takes an approval in, unless a newer one is known. */
  putApproval(approval: Approval): void {
    const known = this.approvals.get(approval.id);
    if (!known || PROGRESS[approval.state] >= PROGRESS[known.state]) this.approvals.set(approval.id, approval);
  }

  private putRun(run: RunView): void {
    const known = this.runs.get(run.id);
    // An answer to a request may arrive after a newer view.
    if (!known || run.seq >= known.seq) this.runs.set(run.id, run);
  }

  private async refresh(approval: string): Promise<void> {
    try {
      this.putApproval(await this.api.approval(approval));
    } catch {
      this.approvals.delete(approval);
    }
  }

  async loadAgents(): Promise<void> {
    this.agents = await this.api.agents();
  }

  capabilities(run: RunView | undefined) {
    return this.agents.find((agent) => agent.kind === run?.agent)?.capabilities;
  }

  /** Decides. The same decision is said until somebody answers, however often the line breaks. */
  async decide(approval: Approval, verdict: Verdict): Promise<void> {
    if (this.deciding.get(approval.id)?.state === 'sending') return;
    const decision = { id: newId(), hash: approval.hash, verdict };
    this.deciding.set(approval.id, { state: 'sending' });
    for (;;) {
      try {
        this.putApproval(await this.api.decide(approval.id, decision));
        this.deciding.delete(approval.id);
        return;
      } catch (error) {
        if (error instanceof Unreachable) {
          await this.later(AGAIN_MS);
          continue;
        }
        const problem = error instanceof Refused ? error.problem : { message: String(error) };
        this.deciding.set(approval.id, { state: 'refused', message: problem.message, hint: 'hint' in problem ? problem.hint ?? undefined : undefined });
        await this.refresh(approval.id);
        return;
      }
    }
  }

  /** Says something to an agent: queued while the line is broken, in order, once. */
  say(run: string, text: string): void {
    const queue = this.outbox.get(run) ?? [];
    this.outbox.set(run, [...queue, { id: newId(), text, status: { state: 'sending' } }]);
    void this.flush(run);
  }

  /** Takes back what was refused, so that it can be said in other words. */
  dismiss(run: string, id: string): void {
    this.outbox.set(run, (this.outbox.get(run) ?? []).filter((outgoing) => outgoing.id !== id));
  }

  private async flush(run: string): Promise<void> {
    if (this.sendingTo.has(run)) return;
    this.sendingTo.add(run);
    try {
      for (;;) {
        const next = this.outbox.get(run)?.find((outgoing) => outgoing.status.state === 'sending');
        if (!next) return;
        try {
          this.putRun(await this.api.prompt(run, { id: next.id, text: next.text }));
          this.dismiss(run, next.id);
        } catch (error) {
          if (error instanceof Unreachable) {
            await this.later(AGAIN_MS);
            continue;
          }
          const message = error instanceof Error ? error.message : String(error);
          this.outbox.set(
            run,
            (this.outbox.get(run) ?? []).map((outgoing) =>
              outgoing.id === next.id ? { ...outgoing, status: { state: 'refused', message } } : outgoing,
            ),
          );
        }
      }
    } finally {
      this.sendingTo.delete(run);
    }
  }
}

export type { Envelope };
