import { Refused, type ChangeSettings, type Path, type Settings } from '@offdesk/client';
import type { Heard } from '@offdesk/ui/ladder.ts';
import type { MachineApi, Tunnel } from './machine.ts';

/** What this machine's gateway is set to, and how its ways in stand; as new as the last look. */
export class MachineStore {
  settings = $state.raw<Settings | null>(null);
  tunnel = $state.raw<Tunnel | null>(null);
  paths = $state.raw<Path[]>([]);
  heard = $state.raw<Heard | null>(null);
  /** The gateway that runs is an earlier one, and knows no settings. */
  tooOld = $state(false);
  private looking = false;

  constructor(private readonly api: MachineApi) {}

  /** Looks how everything stands; what can't be heard stays as it was, and `heard` grows old. */
  async look(): Promise<void> {
    // One at a time: on a dead line they would pile up, and answer out of order.
    if (this.looking) return;
    this.looking = true;
    const take = <T>(answer: Promise<T>, into: (value: T) => void) => answer.then(into, () => undefined);
    await Promise.all([
      take(this.api.health(), (health) => (this.heard = { health, at: Date.now() })),
      take(this.api.tunnel(), (tunnel) => (this.tunnel = tunnel)),
      take(this.api.paths(), (paths) => (this.paths = paths)),
      this.api.settings().then((settings) => {
        this.settings = settings;
        this.tooOld = false;
      }, (error: unknown) => {
        if (error instanceof Refused && error.problem.code === 'notFound') this.tooOld = true;
      }),
    ]);
    this.looking = false;
  }

  /** Changes settings; they hold from now on, or it throws and the old ones do. */
  async change(change: ChangeSettings): Promise<void> {
    this.settings = await this.api.changeSettings(change);
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

  /** The gateway is gone, or another one came: what was heard says nothing of it. */
  forget(): void {
    this.heard = null;
    this.tunnel = null;
    this.paths = [];
    this.tooOld = false;
  }
}
