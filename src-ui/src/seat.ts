import type { Way } from '@offdesk/client';
import type { Seat } from '@offdesk/ui/context.ts';
import type { DeskStore } from './desk.svelte.ts';

const HERE: Way = { kind: 'local', url: 'the local socket' };

/** At the machine itself, in the app's window. */
export function seatAt(desk: DeskStore): Seat {
  return {
    name: 'This window',
    device: null,
    role: 'admin',
    atMachine: true,
    keyboard: true,
    get way() {
      return desk.runs ? HERE : null;
    },
    tried: [],
    look: async () => (desk.now?.gateway.state === 'down' ? 'Nothing answers on this machine.' : 'Looking for the gateway on this machine.'),
    leaving: () => undefined,
  };
}
