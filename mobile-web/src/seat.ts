import { t, type Link, type StoryStore } from '@offdesk/client';
import type { Seat } from '@offdesk/ui/context.ts';
import { probed } from '@offdesk/ui/ladder.ts';
import { reach } from './reach.svelte.ts';
import { things } from './sharing/things.svelte.ts';

const PATIENCE_MS = 8_000;

/** Where the person of this page sits: at a phone, or at this machine. */
export function seatOf({ known }: Link, stories: StoryStore): Seat {
  const atMachine = known.path === 'local';
  return {
    get name() {
      return atMachine ? t.entry.thisPage : t.entry.thisPhone;
    },
    device: known.device,
    role: known.role,
    atMachine,
    keyboard: false,
    shared: things,
    stories,
    get way() {
      return reach.way;
    },
    get tried() {
      return reach.tried;
    },
    leaving: (leaves) => (reach.left = leaves),
    async look() {
      const status = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) })
        .then((answer) => answer.status, () => null);
      return probed(status, navigator.onLine, atMachine ? t.entry.thisMachine : location.host);
    },
  };
}
