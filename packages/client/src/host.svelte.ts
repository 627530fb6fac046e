import { SvelteMap } from 'svelte/reactivity';
import { Refused, type Api } from './api.ts';
import { newId } from './ids.ts';
import { MOST_RUNS, type LastKnown } from './lastKnown.ts';
import type { Live, LinkState } from './live.ts';
import { Outbox, type Keep, type Outgoing, type Sending } from './outbox.svelte.ts';
import type { AgentInfo, Approval, Decision, Device, NewRule, PairingRequest, RunView, SendPrompt, ToViewer, Verdict } from './types.gen.ts';

const STATES_BY_URGENCY = ['waiting', 'working', 'starting', 'queued', 'idle'];
const AGAIN_MS = 1_000;
/** How far an approval has come: an answer that arrives late must not take it back. */
const PROGRESS: Record<Approval['state'], number> = {
  requested: 0, allowed: 1, denied: 1, expired: 1, delivered: 2, withdrawn: 3, finished: 3,
};

/** What is said to an agent. */
export type Saying = Omit<SendPrompt, 'id'>;

/** Nothing more will come of a run in this state, unless it is resumed. */
export const isOver = (run: RunView | undefined) =>
  !!run && ['done', 'failed', 'stopped', 'lost', 'timedOut'].includes(run.state);

/** One gateway as this page knows it: runs, approvals, and what is on its way there. */
export class Host {
  link = $state<LinkState>({ kind: 'connecting' });
  /** Since when this page is connected, by its own clock; none while it is not. */
  connectedSince = $state<number | null>(null);
  /** When what is shown was true, by this page's clock; none while it is connected, or nothing was ever heard. */
  asOf = $state<number | null>(null);
  name = $state('');
  agents = $state.raw<AgentInfo[]>([]);
  readonly runs = new SvelteMap<string, RunView>();
  readonly approvals = new SvelteMap<string, Approval>();
  /** Who has access, once it was asked for. */
  readonly devices = new SvelteMap<string, Device>();
  /** Devices that wait to be let in. */
  pairings = $state.raw<PairingRequest[]>([]);
  /** Devices that were let in since this page knows who has access, and not by it: its person should say whether that was them. */
  announced = $state.raw<{ device: Device; at: number }[]>([]);
  /** Who has access was asked and told. */
  devicesKnown = $state(false);
  /** Counts what is told of devices, so that a list asked for before does not take it back. */
  private told = 0;
  private readonly toldOf = new Map<string, number>();
  /** Those this page itself let in. */
  private readonly letInHere = new Set<string>();
  private readonly deleted = new Set<string>();
  private heardAt: number | null = null;
  private readonly decisions: Outbox<Decision>;
  private readonly prompts: Outbox<Saying>;
  private readonly listeners = new Set<(message: ToViewer) => void>();
  private readonly waking = new Set<() => void>();

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
    keep?: Keep,
  ) {
    const pause = () => this.pause();
    this.prompts = new Outbox('offdesk.sayings', async ({ id, to, what }) => this.putRun(await api.prompt(to, { id, ...what })), pause, keep);
    this.decisions = new Outbox('offdesk.decisions', (entry) => this.sendDecision(entry), pause, keep);
    this.prompts.resume();
    this.decisions.resume();
  }

  /** The connection, once it is made; kept here so that screens reach it. */
  live: Live | null = null;

  /** Takes in how the connection stands. */
  linkIs(state: LinkState): void {
    this.link = state;
    if (state.kind === 'connected') {
      this.asOf = null;
      this.connectedSince ??= Date.now();
    }
    // While it is only doubted, nothing has broken yet.
    else if (state.kind !== 'checking') {
      this.connectedSince = null;
      this.asOf ??= this.heardAt;
    }
  }

  /** What is worth keeping for a time without a line; none before the host was heard. */
  lastKnown(): LastKnown | null {
    const at = this.link.kind === 'connected' ? Date.now() : this.asOf;
    if (at === null) return null;
    const runs = [...this.runs.values()].sort((a, b) => Number(isOver(a)) - Number(isOver(b)) || b.updatedAt.localeCompare(a.updatedAt));
    return { at, name: this.name, runs: runs.slice(0, MOST_RUNS), approvals: this.waiting, agents: this.agents };
  }

  /** Shows what was known last, unless the host was heard meanwhile. */
  recall(known: LastKnown): void {
    if (this.heardAt !== null) return;
    this.heardAt = this.asOf = known.at;
    this.name ||= known.name;
    if (this.agents.length === 0) this.agents = known.agents;
    for (const run of known.runs) this.putRun(run);
    for (const approval of known.approvals) this.putApproval(approval);
  }

  listen(listener: (message: ToViewer) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  receive(message: ToViewer): void {
    this.heardAt = Date.now();
    switch (message.type) {
      case 'snapshot':
        this.name = message.hostName;
        if (message.resync) this.approvals.clear();
        this.replace(message.runs, message.approvals);
        for (const wake of this.waking) wake();
        break;
      case 'run':
        this.putRun(message.run);
        break;
      case 'approval':
        this.putApproval(message.approval);
        break;
      case 'events':
        for (const { run, event } of message.events) if (event.type === 'run.deleted') this.forget(run);
        break;
      case 'device':
        this.putDevice(message.device);
        break;
      case 'pairings':
        this.pairings = message.pairings;
        break;
      default:
    }
    for (const listener of this.listeners) listener(message);
  }

  /** A moment before the next try; over at once when the connection is back. */
  private async pause(): Promise<void> {
    let wake = () => {};
    const woken = new Promise<void>((done) => (wake = done));
    this.waking.add(wake);
    await Promise.race([this.later(AGAIN_MS), woken]);
    this.waking.delete(wake);
  }

  private replace(runs: RunView[], approvals: Approval[]): void {
    const kept = new Set(runs.map((run) => run.id));
    // A snapshot holds all runs but those put away, which may be open on this page.
    for (const [id, run] of this.runs) if (!kept.has(id) && !run.archived) this.runs.delete(id);
    runs.forEach((run) => this.putRun(run));
    // What is not waiting any more was resolved while we were away.
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
    // An answer to a request may arrive after a newer view, or after the end.
    if (this.deleted.has(run.id)) return;
    if (!known || run.seq >= known.seq) this.runs.set(run.id, run);
  }

  /** A run was deleted for good. */
  private forget(run: string): void {
    this.deleted.add(run);
    this.runs.delete(run);
    for (const [id, approval] of this.approvals) if (approval.run === run) this.approvals.delete(id);
  }

  /** Fetches a run that no snapshot names: one that was put away. */
  async open(run: string): Promise<void> {
    if (!this.runs.has(run)) this.putRun(await this.api.run(run));
  }

  private async refresh(approval: string): Promise<void> {
    try {
      this.putApproval(await this.api.approval(approval));
    } catch (error) {
      // When nobody answers, the next snapshot asks again.
      if (error instanceof Refused) this.approvals.delete(approval);
    }
  }

  private putDevice(device: Device): void {
    const known = this.devices.get(device.id);
    this.toldOf.set(device.id, ++this.told);
    this.notice(device, known);
    // Live messages don't count; the list does.
    this.devices.set(device.id, known ? { ...device, decided: Math.max(known.decided, device.decided) } : device);
  }

  /** Announces a device that got access, and takes it back when it lost it. */
  private notice(device: Device, known: Device | undefined): void {
    if (device.state !== 'active') {
      this.dismissDevice(device.id);
      return;
    }
    const isNew = !known || known.state === 'revoked';
    if (!isNew || !this.devicesKnown || this.letInHere.has(device.id)) return;
    const at = known ? Date.now() : Date.parse(device.createdAt);
    this.announced = [...this.announced.filter((one) => one.device.id !== device.id), { device, at }];
  }

  /** Somebody has seen that this device is new. */
  dismissDevice(id: string): void {
    if (this.announced.some((one) => one.device.id === id)) this.announced = this.announced.filter((one) => one.device.id !== id);
  }

  /** Learns who has access; from then on a new device is noticed, also one that came while the line was broken. */
  async loadDevices(): Promise<void> {
    const asked = this.told;
    const devices = await this.api.devices();
    const listed = new Set(devices.map((device) => device.id));
    const newer = (id: string) => (this.toldOf.get(id) ?? 0) > asked;
    for (const device of devices) {
      const known = this.devices.get(device.id);
      if (known && newer(device.id)) {
        this.devices.set(device.id, { ...known, decided: device.decided });
        continue;
      }
      this.notice(device, known);
      this.devices.set(device.id, device);
    }
    for (const id of this.devices.keys()) if (!listed.has(id) && !newer(id)) this.devices.delete(id);
    this.devicesKnown = true;
  }

  /** Lets a device in or not, from the machine itself. */
  async letIn(device: string, approved: boolean): Promise<void> {
    // Told of before the answer comes, as a rule.
    if (approved) this.letInHere.add(device);
    try {
      await this.api.letIn(device, approved);
    } catch (error) {
      if (error instanceof Refused) this.letInHere.delete(device);
      throw error;
    }
  }

  /** Changes a device: gives it another name, or takes its access away. */
  async changeDevice(change: Promise<Device>): Promise<void> {
    this.putDevice(await change);
  }

  async loadAgents(): Promise<void> {
    this.agents = await this.api.agents();
  }

  capabilities(run: RunView | undefined) {
    return this.agents.find((agent) => agent.kind === run?.agent)?.capabilities;
  }

  /** How this page's decision about an approval stands, while it is on its way or refused. */
  deciding(approval: string): Sending | undefined {
    return this.decisions.of(approval).at(-1)?.status;
  }

  /** Decides. The same decision is said until somebody answers, however often the line breaks. */
  async decide(approval: Approval, verdict: Verdict, rule?: NewRule): Promise<void> {
    if (this.deciding(approval.id)?.state === 'sending') return;
    for (const refused of this.decisions.of(approval.id)) this.decisions.dismiss(refused.id);
    const id = newId();
    await this.decisions.put({ id, to: approval.id, what: { id, hash: approval.hash, verdict, ...(rule ? { rule } : {}) } });
  }

  private async sendDecision({ to, what }: Outgoing<Decision>): Promise<void> {
    try {
      this.putApproval(await this.api.decide(to, what));
    } catch (error) {
      // Somebody was first, or what is asked has changed: show how it stands now.
      if (error instanceof Refused) await this.refresh(to);
      throw error;
    }
  }

  /** Prompts on their way to a run, in order. */
  outbox(run: string): Outgoing<Saying>[] {
    return this.prompts.of(run);
  }

  /** Says something to an agent: queued while the line is broken, in order, once. */
  say(run: string, text: string, how: Partial<Omit<Saying, 'text'>> = {}): void {
    void this.prompts.put({ id: newId(), to: run, what: { text, when: 'now', attachments: [], ...how } });
  }

  /** Changes a run in a way that the gateway answers with the run as it is then. */
  async changeRun(change: Promise<RunView>): Promise<void> {
    this.putRun(await change);
  }

  /** Takes back what was refused, so that it can be said in other words. */
  dismiss(id: string): void {
    this.prompts.dismiss(id);
  }
}
