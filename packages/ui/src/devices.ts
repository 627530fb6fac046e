// Words about devices.
import { ago, listed, t, type Approval, type Device } from '@offdesk/client';
import { wayWords } from './ladder.ts';

/** Whether it is here now, and else since when not. */
export function presence(device: Device, now: number): string {
  if (device.state === 'revoked') return t.devices.takenAway;
  if (device.online.length > 0) return `${t.connection.connected} ${listed([...new Set(device.online)].map(wayWords))}`;
  return device.seenAt ? t.devices.lastSeen(t.time.ago(ago(device.seenAt, now))) : t.devices.never;
}

/** What came of an approval that a device decided. */
export function ended(approval: Approval): string {
  const outcome = { ok: t.receipt.done, failed: t.receipt.thenFailed, unknown: t.receipt.unknown };
  const decided = t.decided[approval.resolution ?? 'open'];
  return approval.resolution === 'allowed' && approval.outcome ? `${decided}, ${outcome[approval.outcome]}` : decided;
}

/** This page's own device first, then the newest; an order that does not change while somebody aims at a button. */
export function inOrder(devices: Iterable<Device>, own: string | null): Device[] {
  return [...devices].sort((a, b) => Number(b.id === own) - Number(a.id === own) || b.createdAt.localeCompare(a.createdAt));
}
