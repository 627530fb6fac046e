// The gateway's requests that only an admin at the machine may make.
import { Api, type ChangeSettings, type Settings, type TunnelProgram } from '@offdesk/client';

/** How the tunnel stands. */
export type Tunnel =
  | { state: 'off' }
  | { state: 'starting'; since: string; note: string | null }
  | { state: 'up'; url: string; verifiedAt: string | null }
  | { state: 'down'; why: string; text: string; fix: string; nextRetry: string | null; url: string | null };

/** The API as the app's windows use it. */
export class MachineApi extends Api {
  settings = () => this.request<Settings>('GET', '/settings');
  changeSettings = (change: ChangeSettings) => this.request<Settings>('POST', '/settings', change);
  tunnel = () => this.request<Tunnel>('GET', '/tunnel');
  /** Fetches the tunnel's program; the person agreed. */
  fetchProgram = () => this.request<TunnelProgram>('POST', '/tunnel/program', undefined, 300_000);
}
