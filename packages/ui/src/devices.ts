// Words about devices.
import { ago, type Approval, type Device, type DeviceRole } from '@offdesk/client';
import { wayWords } from './ladder.ts';

/** What a device may do. */
export const ROLE: Record<DeviceRole, string> = { viewer: 'may look', operator: 'may start and decide', admin: 'may do everything' };

/** Whether it is here now, and else since when not. */
export function presence(device: Device, now: number): string {
  if (device.state === 'revoked') return 'Access taken away';
  if (device.online.length > 0) return `Connected ${[...new Set(device.online)].map(wayWords).join(' and ')}`;
  return device.seenAt ? `Last seen ${ago(device.seenAt, now)} ago` : 'Never connected';
}

/** What came of an approval that a device decided. */
export function ended(approval: Approval): string {
  const outcome = { ok: 'done', failed: 'then failed', unknown: 'how it ended is not known' };
  const decided = approval.resolution ?? 'open';
  return approval.resolution === 'allowed' && approval.outcome ? `${decided}, ${outcome[approval.outcome]}` : decided;
}

/** This page's own device first, then the newest; an order that does not change while somebody aims at a button. */
export function inOrder(devices: Iterable<Device>, own: string | null): Device[] {
  return [...devices].sort((a, b) => Number(b.id === own) - Number(a.id === own) || b.createdAt.localeCompare(a.createdAt));
}
