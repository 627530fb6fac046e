import { t, visible, type Delivery, type Notification, type Reason } from '@offdesk/client';

/** What can be switched, in the words of a person. */
export const REASONS = ['decision', 'question', 'finished', 'failed', 'silent', 'limit'] as const;
/** Those that are about no project. */
export const HOST_REASONS = ['device', 'reach'] as const;

/** Minutes of silence that are offered, with the one that holds. */
export const silences = (holds: number): number[] => [...new Set([5, 15, 30, 60, holds])].sort((a, b) => a - b);

/** With one reason on or off. */
export function turned(off: Reason[], reason: Reason, on: boolean): Reason[] {
  const others = off.filter((known) => known !== reason);
  return on ? others : [...others, reason];
}

/** How far a notification came, and where it broke. */
export function receiptOf(delivery: Delivery): string {
  const state = delivery.state === 'queued' && delivery.tries > 0 ? t.notifications.waitsAgain : t.deliveryStates[delivery.state];
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
  if (one.deliveries.some((delivery) => delivery.state === 'opened')) return t.notifications.arrived;
  if (devices.length > 0 && devices.every((delivery) => delivery.state === 'shown')) return t.notifications.shown;
  const broken = one.deliveries.find((delivery) => delivery.state === 'failed' || delivery.state === 'gone' || delivery.why);
  if (broken) return t.notifications.brokeAt(receiptOf(broken));
  if (!late && !settled(one)) return t.notifications.onItsWay;
  const silent = devices.find((delivery) => delivery.state === 'accepted');
  if (silent) return t.notifications.silent(visible(silent.name));
  return t.notifications.takenEverywhere;
}
