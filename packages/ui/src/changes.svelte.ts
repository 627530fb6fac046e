import { t, type Api, type ChangeDiff, type ChangedFile, type Changes, type PutBack } from '@offdesk/client';
import { troubleOf, type Trouble } from './offering.svelte.ts';

/** What a run changed, on a screen: looked at, and changed one thing after the other. */
export class ChangesStore {
  changes = $state.raw<Changes | null>(null);
  trouble = $state.raw<Trouble | null>(null);
  busy = $state(false);
  /** The last thing that was done, for a person. */
  done = $state('');
  /** What the last discard or restore took away, to be put back. */
  undo = $state<string | null>(null);
  /** Diffs that were opened, by path. */
  diffs = $state.raw<ReadonlyMap<string, ChangeDiff | Trouble>>(new Map());

  constructor(
    private readonly api: Api,
    readonly run: string,
    readonly turn: string | null,
  ) {}

  async load(): Promise<void> {
    try {
      this.changes = await this.api.changes(this.run, this.turn);
      this.trouble = null;
      // What is open is looked at anew; the rest when it is opened.
      const open = [...this.diffs.keys()].filter((path) => this.changes?.files.some((file) => file.path === path));
      this.diffs = new Map();
      await Promise.all(open.map((path) => this.open(path)));
    } catch (error) {
      this.trouble = troubleOf(error, t.silence.plain);
    }
  }

  async open(path: string): Promise<void> {
    let found: ChangeDiff | Trouble;
    try {
      found = await this.api.changeDiff(this.run, path, this.turn);
    } catch (error) {
      found = troubleOf(error, t.silence.plain);
    }
    this.diffs = new Map(this.diffs).set(path, found);
  }

  close(path: string): void {
    const rest = new Map(this.diffs);
    rest.delete(path);
    this.diffs = rest;
  }

  /** Does one thing and looks again; says whether it was done. */
  async act(what: () => Promise<string>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.trouble = null;
    // What was taken back before is among the snapshots; "Undo" is about what was done last.
    this.undo = null;
    let did = false;
    try {
      this.done = await what();
      did = true;
      await this.load();
    } catch (error) {
      this.trouble = troubleOf(error, t.silence.maybeDone);
    } finally {
      this.busy = false;
    }
    return did;
  }

  /** Puts a file into git's index, or takes it out of it again. */
  stage(file: ChangedFile, staged: boolean): Promise<boolean> {
    const paths = file.from ? [file.path, file.from] : [file.path];
    return this.act(async () => {
      await this.api.stage(this.run, paths, staged);
      return '';
    });
  }

  discard(paths: string[] | 'all'): Promise<boolean> {
    const wish = paths === 'all' ? { paths: [], all: true } : { paths, all: false };
    return this.act(async () => this.told(await this.api.discard(this.run, wish), t.changes.wereDiscarded));
  }

  restore(snapshot: string): Promise<boolean> {
    return this.act(async () => this.told(await this.api.restore(this.run, { snapshot, paths: [] }), t.changes.werePutBack));
  }

  private told(done: PutBack, what: (files: string) => string): string {
    this.undo = done.paths.length > 0 ? done.snapshot : null;
    const count = done.paths.length;
    const left = done.left.map((one) => ` ${t.changes.leftAsItWas(one.path, one.why)}`).join('');
    return `${what(count === 0 ? t.changes.noFile : t.changes.files(count))}${left}`;
  }
}
