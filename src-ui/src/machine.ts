// The gateway's requests that only an admin at the machine may make.
import { Api, type PathKind, type PairingOffer } from '@offdesk/client';

export interface About {
  version: string;
  pid: number;
  hostName: string;
  url: string;
  startedAt: string;
  managed: boolean;
}

export interface Settings {
  /** Folders under which runs may work; never empty. */
  roots: string[];
  maxWorking: number;
  lan: boolean;
  tunnel: 'off' | 'quick' | 'named';
  /** Of a named tunnel. */
  tunnelUrl: string | null;
  /** Whether a token is kept; it is never given out. */
  tunnelToken: boolean;
  /** The program the person chose. */
  cloudflared: string | null;
  /** Nothing comes in from outside, until it is resumed. */
  paused: boolean;
  /** Names of fields that the command line fixed for this start. */
  fixed: string[];
  keys: 'keyring' | 'file' | 'locked';
}

export interface ChangeSettings {
  roots?: string[];
  maxWorking?: number;
  lan?: boolean;
  tunnel?: Settings['tunnel'];
  tunnelUrl?: string;
  /** Empty: forget it. */
  tunnelToken?: string;
  /** Empty: look for it. */
  cloudflared?: string;
  paused?: boolean;
}

export type Tunnel =
  | { state: 'off' }
  | { state: 'starting'; since: string; note: string | null }
  | { state: 'up'; url: string; verifiedAt: string | null }
  | { state: 'down'; why: string; text: string; fix: string; nextRetry: string | null; url: string | null };

/** By which way a phone should come. */
export type Via = 'lan' | 'edge';

export type ScannedOffer = PairingOffer & { hostName?: string; path?: PathKind };

/** The API as the app's windows use it. */
export class MachineApi extends Api {
  about = () => this.request<About>('GET', '/about');
  settings = () => this.request<Settings>('GET', '/settings');
  changeSettings = (change: ChangeSettings) => this.request<Settings>('POST', '/settings', change);
  tunnel = () => this.request<Tunnel>('GET', '/tunnel');
  /** Fetches the tunnel's program; the person agreed. */
  fetchProgram = () => this.request<{ path: string; version: string }>('POST', '/tunnel/program', undefined, 300_000);
}
