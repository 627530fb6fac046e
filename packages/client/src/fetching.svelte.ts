import { Refused, Unreachable } from './api.ts';
import { bytesOf } from './files.ts';
import type { FilePiece } from './types.gen.ts';

/** Bytes fetched at once: on a slow line a piece must arrive before it is given up. */
const PIECE = 256 * 1024;
const AGAIN_MS = 2_000;

/** A file on its way here, piece by piece; goes on where it was when the line comes back. */
export class Fetching {
  state = $state<'resting' | 'coming' | 'waiting' | 'here' | 'refused'>('resting');
  received = $state(0);
  size = $state(0);
  problem = $state('');
  private stopped = false;

  constructor(
    /** The next piece of the content that is meant. */
    private readonly ask: (offset: number, limit: number) => Promise<FilePiece>,
    private readonly later: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
  ) {}

  /** Nobody wants it any more. */
  stop(): void {
    this.stopped = true;
  }

  /** All of it; nothing when it was refused or is not wanted any more. */
  async whole(mediaType: string): Promise<Blob | null> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    this.stopped = false;
    this.state = 'coming';
    this.received = 0;
    this.problem = '';
    while (!this.stopped) {
      try {
        const piece = await this.ask(this.received, PIECE);
        const bytes = bytesOf(piece.data);
        parts.push(bytes);
        this.size = piece.size;
        this.received += bytes.length;
        this.state = 'coming';
        if (this.received >= piece.size || bytes.length === 0) {
          this.state = 'here';
          return new Blob(parts, { type: mediaType });
        }
      } catch (error) {
        if (error instanceof Refused && error.problem.code !== 'unauthorized') {
          this.state = 'refused';
          this.problem = `${error.problem.message} ${error.problem.hint ?? ''}`.trim();
          return null;
        }
        if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
        this.state = 'waiting';
        await this.later(AGAIN_MS);
      }
    }
    this.state = 'resting';
    return null;
  }
}
