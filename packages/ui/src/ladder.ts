// The way from this phone to an agent, rung by rung, from what was really seen.
import { ago, t, visible, type Health, type Hop, type LinkState, type Messages, type Warning, type Way } from '@offdesk/client';

export type Kind = 'local' | 'lan' | 'edge' | 'relay';

/** How a page comes to its host. */
export function wayWords(kind: Kind): string {
  return t.ways[kind];
}

type State = Hop['state'];

/** A shape for each state, so that nothing depends on colour. */
export const MARK: Record<State, string> = { ok: '✓', failed: '✗', off: '–', unknown: '…' };
/** The same for those who listen. */
export const wordOf = (state: State): string => t.hopStates[state];

const isHop = (name: string): name is keyof Messages['hops'] => Object.hasOwn(t.hops, name);
export const hopName = (name: string) => (isHop(name) ? t.hops[name] : visible(name));

/** What the gateway said of itself, and when this page heard it, by its own clock. */
export interface Heard {
  health: Health;
  at: number;
}

/** What was heard longer ago is shown, and not believed any more. */
const BELIEVED_MS = 10_000;

export interface Rung {
  name: string;
  state: State;
  detail: string;
  /** How long ago it was looked at; none for what this page sees itself. */
  age: string | null;
}

/** The first rung: what this page sees of its own connection. */
export function ownRung(name: string, link: LinkState, way: Way | null, since: number | null, online: boolean, now: number): Rung {
  const rung = (state: State, detail: string): Rung => ({ name, state, detail, age: null });
  const lasting = since === null ? '' : ` ${t.time.lasting(ago(since, now))}`;
  switch (link.kind) {
    case 'connected':
      return rung('ok', way ? t.connection.by(`${wayWords(way.kind)}${lasting}`, way.url) : `${t.connection.connectedRung}${lasting}`);
    case 'checking':
      return rung('unknown', t.connection.silentAwhile);
    case 'away':
      return rung('failed', (online ? t.connection.awayFor : t.connection.offlineFor)(t.time.lasting(ago(link.since, now))));
    default:
      return online ? rung('unknown', t.connection.connectingRung) : rung('failed', t.connection.offline);
  }
}

/** The rungs behind this phone, as the gateway told them. */
export function rungs({ health, at }: Heard, now: number): Rung[] {
  // The gateway's clock and this phone's may differ: its newest look stands for the moment it answered.
  const answered = Math.max(...health.hops.map((hop) => Date.parse(hop.checkedAt)));
  const believed = now - at <= BELIEVED_MS;
  return health.hops.map((hop) => ({
    name: hopName(hop.name),
    state: believed ? hop.state : 'unknown',
    detail: visible(hop.detail),
    age: ago(Date.parse(hop.checkedAt) - answered + at, now),
  }));
}

/** The sentence on top: the first hop that fails, else what the gateway says; while it can't be heard, how far this phone gets. */
export function headline(connected: boolean, heard: Heard | null, seen: string, now: number): string {
  if (!connected) return seen;
  if (!heard) return t.connection.askingRest;
  if (now - heard.at > BELIEVED_MS) return t.connection.restSilent;
  const failed = heard.health.hops.find((hop) => hop.state === 'failed');
  if (failed) return t.connection.fails(hopName(failed.name), visible(failed.detail).replace(/\.$/, ''));
  return visible(heard.health.sentence);
}

/** The sentence around its seconds that tick: those are for the eye only, or it would be read out with each of them. */
export function aroundSeconds(sentence: string): [before: string, seconds: string, after: string] {
  const [seconds] = /, seen \d+ s ago/.exec(sentence) ?? [];
  if (!seconds) return [sentence, '', ''];
  const at = sentence.indexOf(seconds);
  return [sentence.slice(0, at), seconds, sentence.slice(at + seconds.length)];
}

/** What an answer to a plain request to the page's own address says of the way. `status` null: no answer at all. */
export function probed(status: number | null, online: boolean, host: string): string {
  if (!online) return t.connection.noNetwork;
  if (status === null) return t.connection.unreached(host);
  if (status === 530) return t.connection.edgeOnly;
  if (status >= 502 && status <= 504) return t.connection.tunnelOnly;
  if (status === 200) return t.connection.notSealedYet;
  return t.connection.somethingElse(host, status);
}

/** Warnings a person should see now: those that lasted, about hops that are not in order. `since`: when each was first seen. */
export function shown(health: Health, since: Map<string, number>, now: number): Warning[] {
  const state = (name: string) => health.hops.find((hop) => hop.name === name)?.state;
  for (const code of since.keys()) if (!health.warnings.some((warning) => warning.code === code)) since.delete(code);
  return health.warnings.filter((warning) => {
    if (!since.has(warning.code)) since.set(warning.code, now);
    const lasted = now - since.get(warning.code)! >= warning.visibleAfter * 1000;
    return lasted && !(warning.dependsOn && state(warning.dependsOn) === 'ok');
  });
}
