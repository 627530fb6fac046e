import { t } from './messages/index.ts';
import { Refused, Unreachable, type Api } from './api.ts';
import { newId } from './ids.ts';
import type { Upload } from './types.gen.ts';

/** A file on its way to the computer, or there. */
export interface Attached {
  id: string;
  name: string;
  size: number;
  /** Bytes that are there. */
  sent: number;
  state: 'sending' | 'waiting' | 'there' | 'refused';
  problem: string;
}

/** Bytes sent at once: on a slow line a piece must arrive before it is given up. */
const PIECE = 256 * 1024;
const LARGEST = 100 * 1024 * 1024;
const AGAIN_MS = 2_000;

/** Files for the next prompt. Each goes on where it was when the line comes back. */
export class Attaching {
  files = $state.raw<Attached[]>([]);
  /** All are there. */
  readonly ready = $derived(this.files.every((file) => file.state === 'there'));

  constructor(
    private readonly api: Api,
    private readonly later: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
  ) {}

  /** Those that go with the prompt. */
  get ids(): string[] {
    return this.files.filter((file) => file.state === 'there').map((file) => file.id);
  }

  /** Begins to send; settles when all are there or refused. */
  async add(files: Iterable<File>): Promise<void> {
    await Promise.all([...files].map((file) => this.send(file, newId())));
  }

  /** Begins to send, and says at once by which ids. */
  begin(files: Iterable<File>): string[] {
    return [...files].map((file) => {
      const id = newId();
      void this.send(file, id);
      return id;
    });
  }

  /** Takes one back. */
  remove(id: string): void {
    this.files = this.files.filter((file) => file.id !== id);
    void this.api.removeUpload(id).catch(() => undefined);
  }

  /** They went with a prompt. */
  clear(): void {
    this.files = [];
  }

  private has(id: string): boolean {
    return this.files.some((file) => file.id === id);
  }

  private change(id: string, change: Partial<Attached>): void {
    this.files = this.files.map((file) => (file.id === id ? { ...file, ...change } : file));
  }

  private async send(file: File, id: string): Promise<void> {
    const name = file.name || t.compose.pasted;
    const entry: Attached = { id, name, size: file.size, sent: 0, state: 'sending', problem: '' };
    if (file.size === 0 || file.size > LARGEST) {
      const problem = file.size === 0 ? t.compose.empty : t.compose.tooLarge;
      this.files = [...this.files, { ...entry, state: 'refused', problem }];
      return;
    }
    this.files = [...this.files, entry];
    let upload: Upload | null = null;
    while (this.has(id)) {
      try {
        upload ??= await this.api.beginUpload({ id, name, size: file.size, sha256: null });
        this.change(id, { sent: upload.received, name: upload.name, state: upload.attachment ? 'there' : 'sending' });
        if (upload.attachment) return;
        const piece = await file.slice(upload.received, upload.received + PIECE).arrayBuffer();
        upload = await this.api.uploadPiece(id, upload.received, base64(new Uint8Array(piece)));
      } catch (error) {
        if (error instanceof Refused && error.problem.code !== 'unauthorized' && error.problem.code !== 'wrongState') {
          this.change(id, { state: 'refused', problem: `${error.problem.message} ${error.problem.hint ?? ''}`.trim() });
          return;
        }
        if (!(error instanceof Refused || error instanceof Unreachable)) {
          // Phones take back what they let a page read, e.g. when a picture is deleted.
          this.change(id, { state: 'refused', problem: t.compose.unreadable });
          return;
        }
        // The line broke, or a piece that was thought lost had arrived: ask how far it is.
        this.change(id, { state: 'waiting' });
        await this.later(AGAIN_MS);
        upload = null;
      }
    }
  }
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
