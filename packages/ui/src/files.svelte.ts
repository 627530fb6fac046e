import {
  Attaching, folderOf, Refused, t, type Api, type Attached, type FileEntry, type FileInfo, type FileList, type FilesOf,
} from '@offdesk/client';
import { inOneLine, troubleOf } from './offering.svelte.ts';

/** An upload that met a file of its name. */
export interface Conflict {
  upload: string;
  name: string;
  /** The one that is there, once it was looked at. */
  there: FileInfo | null;
}

/** A folder on a screen: looked at, searched, and given files. */
export class FolderStore {
  list = $state.raw<FileList | null>(null);
  entries = $state.raw<FileEntry[]>([]);
  hidden = $state(false);
  problem = $state('');
  busy = $state(false);
  /** What was put here last, for a person. */
  done = $state('');
  /** Uploads that met a file of their name: one is asked about after the other. */
  conflicts = $state.raw<Conflict[]>([]);
  readonly sending: Attaching;

  constructor(
    private readonly api: Api,
    readonly of: FilesOf,
    readonly path: string,
  ) {
    this.sending = new Attaching(api);
  }

  async load(): Promise<void> {
    this.busy = true;
    try {
      this.list = await this.api.listFiles(this.of, this.path, { hidden: this.hidden });
      this.entries = this.list.entries;
      this.problem = '';
    } catch (error) {
      this.problem = inOneLine(troubleOf(error, t.silence.lookLater));
    }
    this.busy = false;
  }

  async more(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const next = await this.api.listFiles(this.of, this.path, { hidden: this.hidden, offset: this.entries.length });
      this.list = next;
      this.entries = [...this.entries, ...next.entries];
    } catch (error) {
      this.problem = inOneLine(troubleOf(error, t.silence.lookLater));
    }
    this.busy = false;
  }

  /** Brings files here. What is here already stays, until a person says what to do. */
  async bring(files: Iterable<File>): Promise<void> {
    this.done = '';
    await Promise.all([...files].map(async (file) => {
      await this.sending.add([file]);
      const sent = this.sending.files.find((one) => one.state === 'there');
      if (sent) await this.put(sent);
    }));
    await this.load();
  }

  private async put(sent: Attached): Promise<void> {
    // Out of the list first: another file may be there at the same moment.
    this.sending.files = this.sending.files.filter((one) => one.id !== sent.id);
    await this.settle(sent.id, sent.name, 'refuse', null);
  }

  private async settle(upload: string, name: string, existing: 'refuse' | 'keepBoth' | 'replace', etag: string | null): Promise<void> {
    const place = 'run' in this.of ? { run: this.of.run, root: null } : { run: null, root: this.of.root };
    try {
      const put = await this.api.putFile({ upload, ...place, folder: this.path, name, existing, etag });
      this.done = put.replaced ? t.files.replaced(put.entry.name) : t.files.here(put.entry.name);
    } catch (error) {
      if (!(error instanceof Refused && error.problem.code === 'fileExists')) {
        this.problem = inOneLine(troubleOf(error, t.files.maybeHere(name)));
        return;
      }
      const there = await this.api.fileInfo(this.of, this.path ? `${this.path}/${name}` : name).catch(() => null);
      this.conflicts = [...this.conflicts, { upload, name, there }];
    }
  }

  /** A person said what to do with a file that met another. */
  async decide(conflict: Conflict, how: 'keepBoth' | 'replace' | 'leave'): Promise<void> {
    this.conflicts = this.conflicts.filter((one) => one !== conflict);
    if (how === 'leave') {
      void this.api.removeUpload(conflict.upload).catch(() => undefined);
      this.done = t.files.asItWas(conflict.name);
      return;
    }
    await this.settle(conflict.upload, conflict.name, how, how === 'replace' ? (conflict.there?.etag ?? null) : null);
    await this.load();
  }
}

/** A path and all folders above it, the uppermost first. */
export function trail(path: string): string[] {
  const all: string[] = [];
  for (let at = path; at !== ''; at = folderOf(at)) all.unshift(at);
  return all;
}
