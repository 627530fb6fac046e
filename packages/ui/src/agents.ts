import type { AgentInfo, Capabilities } from '@offdesk/client';

/** One agent as a person chooses it, with the ways it can be driven. */
export interface Choice {
  /** The agent's own kind. */
  kind: string;
  /** What tells of it: the first way that can be used, else the first there is. */
  info: AgentInfo;
  /** As a conversation, or in its own terminal; one where there is no choice. */
  ways: AgentInfo[];
}

const TERMINAL = '-terminal';

/** Whether files can go with a prompt: what is typed into a terminal has no place for them. */
export function takesFilesWith(can: Capabilities | undefined): boolean {
  return !!can && (!can.terminal || can.images);
}

/** Which place a kind has among those that can be used: agents, own ones, then what needs no account. */
const PLACES = ['demo', 'hands-on'];
const place = ({ info }: Choice) => {
  const known = PLACES.indexOf(info.kind);
  return info.capabilities.command ? PLACES.length + 1 : known + 1;
};

/** Agents to choose from: an agent and its terminal are one; those that can be used come first. */
export function choices(agents: AgentInfo[]): Choice[] {
  const kinds = new Map<string, AgentInfo[]>();
  const all = new Set(agents.map((agent) => agent.kind));
  for (const agent of agents) {
    const base = agent.kind.endsWith(TERMINAL) ? agent.kind.slice(0, -TERMINAL.length) : agent.kind;
    const kind = !agent.own && all.has(base) ? base : agent.kind;
    const ways = kinds.get(kind) ?? [];
    // The conversation goes first, in whichever order they come.
    kinds.set(kind, agent.kind === kind ? [agent, ...ways] : [...ways, agent]);
  }
  const made = [...kinds].map(([kind, ways]) => ({ kind, ways, info: ways.find((way) => way.found) ?? ways[0]! }));
  const rank = (choice: Choice) => (choice.info.found ? 0 : 100) + place(choice);
  return made.sort((a, b) => rank(a) - rank(b));
}

/** Which choice a kind belongs to. */
export const choiceOf = (kind: string, all: Choice[]): Choice | undefined => all.find((choice) => choice.ways.some((way) => way.kind === kind));
