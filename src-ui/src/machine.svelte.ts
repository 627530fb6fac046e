import { Refused, type ChangeSettings, type Path, type Settings } from '@offdesk/client';
import type { Heard } from '@offdesk/ui/ladder.ts';
import type { MachineApi, Tunnel } from './machine.ts';
import type { Seen } from './ways.ts';

/** What this machine's gateway is set to, and how its ways in stand; as new as the last look. */
export class MachineStore {
  settings = $state.raw<Settings | null>(null);
  tunnel = $state.raw<Tunnel | null>(null);
  paths = $state.raw<Path[]>([]);
  heard = $state.raw<Heard | null>(null);
  /** The gateway that runs is an earlier one, and knows no settings. */
  tooOld = $state(false);
  private looking = false;
  /** Counts changes: what was asked for before one says nothing of what is after it. */
  private era = 0;

  constructor(private readonly api: MachineApi) {}

  /** Looks how everything stands; what can't be heard stays as it was, and `heard` grows old. */
  async look(): Promise<void> {
    // One at a time: on a dead line they would pile up, and answer out of order.
    if (this.looking) return;
    this.looking = true;
    const { era } = this;
    const take = <T>(answer: Promise<T>, into: (value: T) => void) =>
      answer.then((value) => {
        if (era === this.era) into(value);
      }, () => undefined);
    await Promise.all([
      take(this.api.health(), (health) => (this.heard = { health, at: Date.now() })),
      take(this.api.tunnel(), (tunnel) => (this.tunnel = tunnel)),
      take(this.api.paths(), (paths) => (this.paths = paths)),
      take(this.known(), (settings) => {
        this.tooOld = settings === null;
        if (settings) this.settings = settings;
      }),
    ]);
    this.looking = false;
    if (era !== this.era) await this.look();
  }

  /** The settings; none when the gateway is too old to have any. */
  private async known(): Promise<Settings | null> {
    try {
      return await this.api.settings();
    } catch (error) {
      if (error instanceof Refused && error.problem.code === 'notFound') return null;
      throw error;
    }
  }

  /** Changes settings; they hold from now on, or it throws and the old ones do. */
  async change(change: ChangeSettings): Promise<void> {
    const settings = await this.api.changeSettings(change);
    this.era++;
    this.settings = settings;
    // How the ways stood before says nothing of how they stand now.
    this.tunnel = null;
    this.paths = [];
    this.heard = null;
  }

  /** A tunnel that is down is tried anew. */
  async tryTunnel(): Promise<void> {
    const tunnel = this.settings?.tunnel;
    if (!tunnel || tunnel === 'off') return;
    await this.change({ tunnel: 'off' });
    await this.change({ tunnel });
    await this.look();
  }

  async fetchProgram(): Promise<string> {
    const { version } = await this.api.fetchProgram();
    await this.look();
    return version;
  }

  /** All that says how the ways stand. */
  seen(connected: boolean): Seen {
    const { settings, tunnel, paths, heard, tooOld } = this;
    return { connected, settings, tunnel, paths, health: heard?.health ?? null, tooOld };
  }

  /** The gateway is gone, or another one came: what was heard says nothing of it. */
  forget(): void {
    this.era++;
    this.heard = null;
    this.tunnel = null;
    this.paths = [];
    this.tooOld = false;
  }
}
