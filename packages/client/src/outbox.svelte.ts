import { Refused, Unreachable } from './api.ts';

/** How something on its way stands: sent again until it is answered, or refused and why. */
export type Sending = { state: 'sending' } | { state: 'refused'; message: string; hint?: string | undefined };

/** Something that must reach the gateway once. */
export interface Outgoing<T> {
  /** Made here, once; the gateway knows by it what it has had. */
  id: string;
  /** The run or approval it is for; those for one place go in order. */
  to: string;
  what: T;
  status: Sending;
}

/** Where a tab keeps what it has not got rid of yet. */
export interface Keep {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

/** Sends each thing with its id until somebody answers, also after the page was loaded again. */
export class Outbox<T> {
  entries = $state.raw<Outgoing<T>[]>([]);
  private readonly busy = new Map<string, Promise<void>>();

  constructor(
    private readonly name: string,
    private readonly send: (entry: Outgoing<T>) => Promise<void>,
    /** Waits before the next try; shorter when the line is known to be back. */
    private readonly pause: () => Promise<void>,
    private readonly keep?: Keep,
  ) {
    this.entries = this.kept();
  }

  /** Goes on with what was left when the page was last closed. */
  resume(): void {
    for (const { to } of this.entries) void this.flush(to);
  }

  of(to: string): Outgoing<T>[] {
    return this.entries.filter((entry) => entry.to === to);
  }

  /** Puts it in line; settles when everything in that line was answered. */
  put(entry: Omit<Outgoing<T>, 'status'>): Promise<void> {
    this.change([...this.entries, { ...entry, status: { state: 'sending' } }]);
    return this.flush(entry.to);
  }

  dismiss(id: string): void {
    this.change(this.entries.filter((entry) => entry.id !== id));
  }

  private flush(to: string): Promise<void> {
    const running = this.busy.get(to);
    if (running) return running;
    const flushing = this.sendAll(to).finally(() => this.busy.delete(to));
    this.busy.set(to, flushing);
    return flushing;
  }

  private async sendAll(to: string): Promise<void> {
    for (;;) {
      const next = this.entries.find((entry) => entry.to === to && entry.status.state === 'sending');
      if (!next) return;
      try {
        await this.send(next);
        this.dismiss(next.id);
      } catch (error) {
        if (error instanceof Unreachable) await this.pause();
        // The page must get a new key first; what waits goes out with that one.
        else if (error instanceof Refused && error.problem.code === 'unauthorized') return;
        else this.refused(next.id, error);
      }
    }
  }

  private refused(id: string, error: unknown): void {
    const problem = error instanceof Refused ? error.problem : { message: String(error), hint: null };
    const status: Sending = { state: 'refused', message: problem.message, hint: problem.hint ?? undefined };
    this.change(this.entries.map((entry) => (entry.id === id ? { ...entry, status } : entry)));
  }

  private change(entries: Outgoing<T>[]): void {
    this.entries = entries;
    try {
      this.keep?.setItem(this.name, JSON.stringify(entries));
    } catch {
      // The tab's storage is full: what waits still goes out, but would not survive a reload.
    }
  }

  private kept(): Outgoing<T>[] {
    try {
      return JSON.parse(this.keep?.getItem(this.name) ?? '[]') as Outgoing<T>[];
    } catch {
      return [];
    }
  }
}
