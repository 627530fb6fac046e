import { visible, type Delivery, type Notification, type Reason } from '@offdesk/client';

/** What can be switched, in the words of a person. */
export const REASONS: [Reason, string][] = [
  ['decision', 'asks to be allowed something'],
  ['question', 'asks a question'],
  ['finished', 'is done'],
  ['failed', 'has failed'],
  ['limit', 'reaches a limit, or can go on'],
];
/** Those that are about no project. */
export const HOST_REASONS: [Reason, string][] = [
  ['device', 'A device gets access'],
  ['reach', 'Phones may not reach the computer'],
];

/** With one reason on or off. */
export function turned(off: Reason[], reason: Reason, on: boolean): Reason[] {
  const others = off.filter((known) => known !== reason);
  return on ? others : [...others, reason];
}

const WORDS: Record<Delivery['state'], string> = {
  queued: 'waits to be sent', dropped: 'not needed any more', failed: 'failed', gone: 'not there any more',
  accepted: 'taken by its service', shown: 'shown', opened: 'opened',
};

/** How far a notification came, and where it broke. */
export function receiptOf(delivery: Delivery): string {
  const state = delivery.state === 'queued' && delivery.tries > 0 ? 'waits to be sent again' : WORDS[delivery.state];
  return `${visible(delivery.name)}: ${state}${delivery.why ? `. ${visible(delivery.why)}` : ''}`;
}

/** Whether a test is at its end: everywhere, or as far as it will come. */
export function settled(one: Notification): boolean {
  const moving = (delivery: Delivery) => delivery.state === 'queued' || (delivery.to.type === 'device' && delivery.state === 'accepted');
  return one.sent && !one.deliveries.some(moving);
}

/** What a test has shown, in a sentence. */
export function verdictOf(one: Notification, late: boolean): string {
  const devices = one.deliveries.filter((delivery) => delivery.to.type === 'device');
  if (one.deliveries.some((delivery) => delivery.state === 'opened')) return 'It arrived and was opened: all of it works.';
  if (devices.length > 0 && devices.every((delivery) => delivery.state === 'shown')) return 'It was shown. Open it to see that a tap leads here.';
  const broken = one.deliveries.find((delivery) => delivery.state === 'failed' || delivery.state === 'gone' || delivery.why);
  if (broken) return `It broke at ${receiptOf(broken)}`;
  if (!late && !settled(one)) return 'On its way…';
  const silent = devices.find((delivery) => delivery.state === 'accepted');
  if (silent) return `${visible(silent.name)} has not shown it: it may be off, or the system may not let its browser notify.`;
  return 'It was taken everywhere.';
}
