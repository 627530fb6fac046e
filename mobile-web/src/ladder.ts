// The way from this phone to an agent, rung by rung, from what was really seen.
import type { Health, Hop, Warning } from '@offdesk/client';

export type Kind = 'local' | 'lan' | 'edge' | 'relay';

/** How a page comes to its host. */
export function wayWords(kind: Kind): string {
  return { local: 'on this machine', lan: 'in this network', edge: 'through the tunnel', relay: 'through the relay' }[kind];
}

export const MARK: Record<Hop['state'], string> = { ok: '✓', failed: '✗', off: '–', unknown: '…' };

const NAMES: Record<string, string> = {
  edge: 'Cloudflare’s edge', tunnel: 'Tunnel', network: 'This network', gateway: 'Gateway', log: 'Log', runner: 'Runner', agents: 'Agents',
};
export const hopName = (name: string) => NAMES[name] ?? name;

/** The sentence on top: the gateway's own while it can be heard, else how far this phone gets. */
export function headline(connected: boolean, health: Health | null, seen: string): string {
  if (!connected) return seen;
  if (!health) return 'Connected. Asking how the rest is.';
  return health.sentence;
}

/** What an answer to a plain request to the page's own address says of the way. `status` null: no answer at all. */
export function probed(status: number | null, online: boolean, host: string): string {
  if (!online) return 'This phone has no network.';
  if (status === null) return `This phone does not reach ${host}.`;
  if (status === 530) return 'Cloudflare answers, but the tunnel is not connected to it.';
  if (status >= 502 && status <= 504) return 'The tunnel is up, but the computer does not answer through it.';
  if (status === 200) return 'The computer answers; the sealed connection is being made.';
  return `Something at ${host} answers that is not your computer (status ${status}).`;
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
