// How each way by which a phone may come stands, and what can be done about it.
import { visible, type Health, type Path, type Settings, type Via } from '@offdesk/client';
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

const FIXED = 'The gateway was started with this fixed by its command line; it changes with the next start.';

export function standOf(via: Via, seen: Seen): Stand {
  const { settings } = seen;
  // What was so when it was last heard may not be so any more.
  if (!seen.connected) return stand('unknown', 'Not known while the gateway does not answer.');
  if (settings?.keys === 'locked') {
    return stand('failed', 'This machine’s keys cannot be read, so nobody is let in from outside.', { fix: 'Unlock the keyring and start Offdesk again. Local work goes on.' });
  }
  if (settings?.paused) return stand('paused', 'Remote access is paused: nothing comes in from outside until it is resumed.', { remedy: 'resume' });
  return via === 'lan' ? lan(seen) : edge(seen);
}

const hop = (health: Health | null, name: string) => health?.hops.find((one) => one.name === name);

function lan({ settings, paths, health, tooOld }: Seen): Stand {
  const path = paths.find((one) => one.kind === 'lan');
  const network = hop(health, 'network');
  if (path && network?.state !== 'failed') return stand('ready', `Phones in this network reach it at ${visible(path.url)}.`);
  if (settings && !settings.lan) return off('lan', settings, 'Not served to this network.');
  if (network?.state === 'failed') return stand('failed', `This network cannot be served: ${visible(network.detail)}`, { remedy: 'again' });
  if (!settings) return tooOld ? stand('off', 'Not served to this network.', { fix: 'The gateway that runs is an earlier version. Use the new one to switch this on from here.' }) : stand('unknown', 'Asking the gateway.');
  return stand('trying', 'Looking for this machine’s address in the network.');
}

function edge({ settings, tunnel, health, tooOld }: Seen): Stand {
  switch (tunnel?.state) {
    case 'up': {
      const probe = hop(health, 'edge');
      if (probe?.state === 'ok') return stand('ready', `Reached from outside at ${visible(tunnel.url)}; this machine has just tried it.`);
      if (probe?.state === 'failed') return stand('failed', `The tunnel is up, but a request through it does not come back: ${visible(probe.detail)}`, { remedy: 'again' });
      return stand('trying', `The tunnel is up at ${visible(tunnel.url)}; trying it from outside.`);
    }
    case 'starting':
      return stand('trying', tunnel.note ? visible(tunnel.note) : 'Asking Cloudflare for an address.');
    case 'down':
      return tunnel.why === 'programMissing'
        ? stand('failed', visible(tunnel.text), { fix: visible(tunnel.fix), remedy: 'program' })
        : stand('failed', visible(tunnel.text), { fix: visible(tunnel.fix), retryAt: tunnel.nextRetry, remedy: 'again' });
    case 'off':
      if (settings) return settings.tunnel === 'off' ? off('tunnel', settings, 'Not reachable from outside.') : stand('trying', 'Starting the tunnel.');
      return tooOld ? stand('off', 'Not reachable from outside.', { fix: 'The gateway that runs is an earlier version. Use the new one to switch this on from here.' }) : stand('unknown', 'Asking the gateway.');
    default:
      return stand('unknown', 'Asking the gateway.');
  }
}

function off(field: keyof Settings, settings: Settings, text: string): Stand {
  return settings.fixed.includes(field) ? stand('off', text, { fix: FIXED }) : stand('off', text, { remedy: 'on' });
}

/** The change that switches a way on. A named tunnel that was set up before is used again. */
export function switchOn(via: Via, settings: Settings) {
  if (via === 'lan') return { lan: true };
  return { tunnel: settings.tunnelUrl && settings.tunnelToken ? ('named' as const) : ('quick' as const) };
}

/** A shape for each, so that nothing depends on colour. */
export const STAND_MARK: Record<Stand['state'], string> = { off: '–', paused: '‖', trying: '◌', ready: '●', failed: '✗', unknown: '…' };
export const STAND_WORD: Record<Stand['state'], string> = { off: 'off', paused: 'paused', trying: 'being tried', ready: 'ready', failed: 'failed', unknown: 'not known' };
