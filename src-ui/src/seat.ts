import type { Way } from '@offdesk/client';
import { desktop } from '@offdesk/client/messages/desktop.ts';
import type { Seat } from '@offdesk/ui/context.ts';
import type { DeskStore } from './desk.svelte.ts';

const here = (): Way => ({ kind: 'local', url: desktop.home.localSocket });

/** At the machine itself, in the app's window. */
export function seatAt(desk: DeskStore): Seat {
  return {
    get name() {
      return desktop.home.thisWindow;
    },
    device: null,
    role: 'admin',
    atMachine: true,
    keyboard: true,
    get way() {
      return desk.runs ? here() : null;
    },
    tried: [],
    look: async () => (desk.now?.gateway.state === 'down' ? desktop.home.nothingAnswers : desktop.home.lookingHere),
    leaving: () => undefined,
  };
}
