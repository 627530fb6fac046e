import type { LinkState } from '@offdesk/client';
import { desktop } from '@offdesk/client/messages/desktop.ts';
import { aroundSeconds, headline, type Heard } from '@offdesk/ui/ladder.ts';
import type { Desk } from './contract.ts';

/** How all is, in a line. `good` only while the gateway answers, says that nothing fails, and said so just now. */
export interface Pulse {
  tone: 'good' | 'unsure' | 'bad';
  text: string;
}

const BELIEVED_MS = 10_000;

export function pulseOf(desk: Desk | null, link: LinkState, heard: Heard | null, now: number): Pulse {
  const gateway = desk?.gateway;
  if (gateway?.state === 'down') return { tone: 'bad', text: desktop.home.down };
  if (link.kind === 'connected' && heard && now - heard.at <= BELIEVED_MS) {
    const [before, , after] = aroundSeconds(headline(true, heard, '', now));
    const failed = heard.health.hops.some((hop) => hop.state === 'failed');
    return { tone: failed ? 'bad' : heard.health.ok ? 'good' : 'unsure', text: before + after };
  }
  if (link.kind === 'connected') return { tone: 'unsure', text: desktop.home.askingRest };
  if (gateway?.state === 'starting') return { tone: 'unsure', text: desktop.home.starting };
  if (link.kind === 'away') return { tone: 'bad', text: desktop.home.silent };
  return { tone: 'unsure', text: desktop.home.looking };
}

export const SHAPE: Record<Pulse['tone'], string> = { good: '●', unsure: '◌', bad: '✗' };
