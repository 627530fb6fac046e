import type { Shared } from '@offdesk/client';

/** What other apps handed to this page, until it was sent. */
export interface SharedThings {
  /** Oldest first. */
  readonly list: Shared[];
  /** Its words stand in a draft now, which is kept by itself. */
  wordsTaken(id: string): Promise<void>;
  /** It was sent, or shall not be. */
  remove(id: string): Promise<void>;
}
