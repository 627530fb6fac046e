import { newId, type AgentInfo, type Api, type Folders, type RunView } from '@offdesk/client';
import { desktop } from '@offdesk/client/messages/desktop.ts';
import { inOneLine, troubleOf } from '@offdesk/ui/offering.svelte.ts';
import { orderOf, type Places } from './line.ts';

/** Where the line keeps what must outlive its window. */
export interface Keep {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/** What was chosen last holds for every line. */
const LAST = { agent: 'offdesk.lastAgent', dir: 'offdesk.lastFolder' };

/** A run that was asked for and not answered yet: asked for again in the same words, it is the same run. */
interface Sent {
  id: string;
  what: string;
}

/** The line that starts a run: what is typed, chosen and remembered. */
export class Starting {
  text = $state('');
  /** Chosen or remembered; a token in the line goes before it. */
  agent = $state('');
  dir = $state('');
  agents = $state.raw<AgentInfo[]>([]);
  places = $state.raw<Places>({ roots: [], recent: [], children: new Map() });
  problem = $state('');
  busy = $state(false);
  /** The agents were told, so that what is not among them is not there. */
  private known = false;
  private readonly kept: { draft: string; sent: string };

  readonly order = $derived(orderOf(this.text, this.agents, this.places));
  readonly chosenAgent = $derived(this.order.agent ?? this.agent);
  readonly chosenDir = $derived(this.order.dir ?? this.dir);
  readonly terminal = $derived(this.agents.find((agent) => agent.kind === this.chosenAgent)?.capabilities.terminal ?? false);

  constructor(
    private readonly api: Api,
    private readonly keep: Keep,
    /** Whose draft it is: two lines that share one would both start it. */
    name: string,
  ) {
    this.kept = { draft: `offdesk.${name}.draft`, sent: `offdesk.${name}.sent` };
    this.agent = keep.getItem(LAST.agent) ?? '';
    this.dir = keep.getItem(LAST.dir) ?? '';
    this.text = keep.getItem(this.kept.draft) ?? '';
  }

  /** Asks what there is; until it is answered, what is remembered stands. */
  async load(): Promise<void> {
    const [agents, folders, runs] = await Promise.allSettled([this.api.agents(), this.api.folders(), this.api.runs()]);
    if (agents.status === 'fulfilled') this.takeAgents(agents.value);
    if (folders.status === 'fulfilled') this.takeFolders(folders.value, runs.status === 'fulfilled' ? runs.value : []);
  }

  private takeAgents(agents: AgentInfo[]): void {
    this.agents = agents;
    this.known = true;
    const found = agents.filter((agent) => agent.found);
    if (!found.some((agent) => agent.kind === this.agent)) this.agent = (found.find((agent) => !agent.capabilities.terminal) ?? found[0])?.kind ?? '';
  }

  private takeFolders(folders: Folders, runs: RunView[]): void {
    const used = [...runs].sort((a, b) => b.updatedAt.localeCompare(a.updatedAt)).map((run) => run.dir);
    this.places = { ...this.places, roots: folders.roots, recent: [...new Set([...used, ...folders.recent])] };
    this.dir ||= this.places.recent[0] ?? folders.roots[0] ?? '';
  }

  /** Learns what is in a folder. */
  async list(dir: string): Promise<void> {
    try {
      const { children } = await this.api.folders(dir);
      this.places = { ...this.places, children: new Map([...this.places.children, [dir, children]]) };
    } catch {
      // Not a folder, or not inside a root: nothing is offered from there.
      this.places = { ...this.places, children: new Map([...this.places.children, [dir, []]]) };
    }
  }

  /** Keeps the draft, as it stands. */
  note(): void {
    if (this.text) this.keep.setItem(this.kept.draft, this.text);
    else this.keep.removeItem(this.kept.draft);
  }

  /** Starts what the line asks for; nothing when it can't, and `problem` says why. */
  async start(): Promise<RunView | null> {
    if (this.busy) return null;
    const { words } = this.order;
    const [agent, dir] = [this.chosenAgent, this.chosenDir];
    this.problem = this.missing(agent, dir, words);
    if (this.problem) return null;
    this.busy = true;
    try {
      const run = await this.api.start({ id: this.idFor(JSON.stringify([agent, dir, words])), agent, dir, prompt: words || null, label: null });
      this.keep.removeItem(this.kept.sent);
      this.keep.setItem(LAST.agent, (this.agent = agent));
      this.keep.setItem(LAST.dir, (this.dir = dir));
      this.text = '';
      this.note();
      return run;
    } catch (error) {
      this.problem = inOneLine(troubleOf(error, desktop.start.pressEnter));
      return null;
    } finally {
      this.busy = false;
    }
  }

  /** A first run, with the agent that needs no account. */
  async demo(words: string): Promise<RunView | null> {
    const before = { text: this.text, agent: this.agent };
    this.text = words;
    this.agent = 'demo';
    const run = await this.start();
    if (!run) ({ text: this.text, agent: this.agent } = before);
    return run;
  }

  private missing(agent: string, dir: string, words: string): string {
    if (!agent) return this.known ? desktop.start.noneFound : desktop.start.notKnownYet;
    if (!dir) return desktop.start.whichFolder;
    return words || this.terminal ? '' : desktop.start.sayWhat;
  }

  private idFor(what: string): string {
    const kept = this.keep.getItem(this.kept.sent);
    const sent = kept ? (JSON.parse(kept) as Sent) : null;
    if (sent?.what === what) return sent.id;
    const id = newId();
    this.keep.setItem(this.kept.sent, JSON.stringify({ id, what } satisfies Sent));
    return id;
  }
}
