import { visible } from './text.ts';
import type { Approval } from './types.gen.ts';

const RESOLVED = { allowed: 'Allowed', denied: 'Denied', expired: 'Out of time', withdrawn: 'Taken back' };
const ENDED = { ok: 'done', failed: 'failed', unknown: 'how it ended is not known' };

/** Who resolved an approval, and how far that has come: on its way, with the agent, done. */
export function receipt(approval: Approval): string {
  if (approval.state === 'requested') return '';
  const by = who(approval);
  // Its own dialog was answered where the agent runs.
  if (approval.state === 'withdrawn' && approval.decidedBy?.kind === 'person') return `Answered in ${visible(approval.decidedBy.name)}`;
  if (approval.state === 'withdrawn') return `Taken back${by}`;
  const resolved = approval.kind === 'question' && approval.resolution === 'allowed' ? 'Answered' : RESOLVED[approval.resolution ?? 'allowed'];
  return `${resolved}${by} · ${progress(approval)}`;
}

function who({ decidedBy }: Approval): string {
  switch (decidedBy?.kind) {
    case 'person':
      return ` by ${visible(decidedBy.name)}`;
    case 'agent':
      return ' by the agent';
    case 'rule':
      return ` by the rule “${visible(decidedBy.text)}”`;
    default:
      return '';
  }
}

function progress({ state, outcome }: Approval): string {
  if (state === 'finished') return ENDED[outcome ?? 'unknown'];
  return state === 'delivered' ? 'the agent has it' : 'on its way';
}
