import { t } from './messages/index.ts';
import { visible } from './text.ts';
import type { Approval } from './types.gen.ts';

const resolved = () => ({ allowed: t.receipt.allowed, denied: t.receipt.denied, expired: t.receipt.outOfTime, withdrawn: t.receipt.takenBack });
const ended = () => ({ ok: t.receipt.done, failed: t.receipt.failed, unknown: t.receipt.unknown });

/** Who resolved an approval, and how far that has come: on its way, with the agent, done. */
export function receipt(approval: Approval): string {
  if (approval.state === 'requested') return '';
  const by = who(approval);
  // Its own dialog was answered where the agent runs.
  if (approval.state === 'withdrawn' && approval.decidedBy?.kind === 'person') return t.receipt.answeredIn(visible(approval.decidedBy.name));
  if (approval.state === 'withdrawn') return `${t.receipt.takenBack}${by}`;
  const what = approval.kind === 'question' && approval.resolution === 'allowed' ? t.receipt.answered : resolved()[approval.resolution ?? 'allowed'];
  return `${what}${by} · ${progress(approval)}`;
}

function who({ decidedBy }: Approval): string {
  switch (decidedBy?.kind) {
    case 'person':
      return ` ${t.receipt.byPerson(visible(decidedBy.name))}`;
    case 'agent':
      return ` ${t.receipt.byAgent}`;
    case 'rule':
      return ` ${t.receipt.byRule(visible(decidedBy.text))}`;
    default:
      return '';
  }
}

function progress({ state, outcome }: Approval): string {
  if (state === 'finished') return ended()[outcome ?? 'unknown'];
  return state === 'delivered' ? t.receipt.withAgent : t.receipt.onItsWay;
}
