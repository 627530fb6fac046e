// How each way by which a phone may come stands, and what can be done about it.
import { t, visible, type Health, type Path, type Settings, type Via } from '@offdesk/client';
import { desktop } from '@offdesk/client/messages/desktop.ts';
import type { Tunnel } from './machine.ts';

/** What the app can do: switch it on, end the pause, fetch the tunnel's program, try again. */
export type Remedy = 'on' | 'resume' | 'program' | 'again';

export interface Stand {
  state: 'off' | 'paused' | 'trying' | 'ready' | 'failed' | 'unknown';
  /** A sentence. */
  text: string;
  /** What a person can do that the app cannot. */
  fix: string | null;
  /** When it is tried again by itself, in RFC 3339. */
  retryAt: string | null;
  remedy: Remedy | null;
}

export interface Seen {
  /** The gateway answers. */
  connected: boolean;
  settings: Settings | null;
  tunnel: Tunnel | null;
  paths: Path[];
  health: Health | null;
  /** The gateway is an earlier one that cannot be changed from here. */
  tooOld: boolean;
}

const stand = (state: Stand['state'], text: string, more: Partial<Stand> = {}): Stand => ({ state, text, fix: null, retryAt: null, remedy: null, ...more });

export function standOf(via: Via, seen: Seen): Stand {
  const { settings } = seen;
  // What was so when it was last heard may not be so any more.
  if (!seen.connected) return stand('unknown', t.silence.unknownNow);
  if (settings?.keys === 'locked') {
    return stand('failed', desktop.reach.keysUnread, { fix: desktop.reach.unlock });
  }
  if (settings?.paused) return stand('paused', desktop.reach.paused, { remedy: 'resume' });
  return via === 'lan' ? lan(seen) : edge(seen);
}

const hop = (health: Health | null, name: string) => health?.hops.find((one) => one.name === name);

function lan({ settings, paths, health, tooOld }: Seen): Stand {
  const path = paths.find((one) => one.kind === 'lan');
  const network = hop(health, 'network');
  if (path && network?.state !== 'failed') return stand('ready', desktop.reach.lanAt(visible(path.url)));
  if (settings && !settings.lan) return off('lan', settings, desktop.reach.notToNetwork);
  if (network?.state === 'failed') return stand('failed', desktop.reach.networkFails(visible(network.detail)), { remedy: 'again' });
  if (!settings) return tooOld ? stand('off', desktop.reach.notToNetwork, { fix: desktop.reach.earlier }) : stand('unknown', desktop.reach.asking);
  return stand('trying', desktop.reach.lookingAddress);
}

function edge({ settings, tunnel, health, tooOld }: Seen): Stand {
  switch (tunnel?.state) {
    case 'up': {
      const probe = hop(health, 'edge');
      if (probe?.state === 'ok') return stand('ready', desktop.reach.outsideAt(visible(tunnel.url)));
      if (probe?.state === 'failed') return stand('failed', desktop.reach.notBack(visible(probe.detail)), { remedy: 'again' });
      return stand('trying', desktop.reach.tryingAt(visible(tunnel.url)));
    }
    case 'starting':
      return stand('trying', tunnel.note ? visible(tunnel.note) : desktop.reach.askingCloudflare);
    case 'down':
      return tunnel.why === 'programMissing'
        ? stand('failed', visible(tunnel.text), { fix: visible(tunnel.fix), remedy: 'program' })
        : stand('failed', visible(tunnel.text), { fix: visible(tunnel.fix), retryAt: tunnel.nextRetry, remedy: 'again' });
    case 'off':
      if (settings) return settings.tunnel === 'off' ? off('tunnel', settings, desktop.reach.notOutside) : stand('trying', desktop.reach.startingTunnel);
      return tooOld ? stand('off', desktop.reach.notOutside, { fix: desktop.reach.earlier }) : stand('unknown', desktop.reach.asking);
    default:
      return stand('unknown', desktop.reach.asking);
  }
}

function off(field: keyof Settings, settings: Settings, text: string): Stand {
  return settings.fixed.includes(field) ? stand('off', text, { fix: desktop.reach.fixed }) : stand('off', text, { remedy: 'on' });
}

/** The change that switches a way on. A named tunnel that was set up before is used again. */
export function switchOn(via: Via, settings: Settings) {
  if (via === 'lan') return { lan: true };
  return { tunnel: settings.tunnelUrl && settings.tunnelToken ? ('named' as const) : ('quick' as const) };
}

/** A shape for each, so that nothing depends on colour. */
export const STAND_MARK: Record<Stand['state'], string> = { off: '–', paused: '‖', trying: '◌', ready: '●', failed: '✗', unknown: '…' };
