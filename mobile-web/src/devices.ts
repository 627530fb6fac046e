// Words about devices, and what puts this one on a home screen.
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
export function inOrder(devices: Iterable<Device>, own: string): Device[] {
  return [...devices].sort((a, b) => Number(b.id === own) - Number(a.id === own) || b.createdAt.localeCompare(a.createdAt));
}

/** What the home screen keeps. The installed app has a storage of its own: its first address brings a code, once. */
export function manifestOf(origin: string, startUrl: string) {
  return {
    name: 'Offdesk', short_name: 'Offdesk', display: 'standalone', start_url: startUrl, scope: `${origin}/`,
    background_color: '#f6f5f2', theme_color: '#1f5c4d',
    icons: [{ src: `${origin}/icon.svg`, sizes: 'any', type: 'image/svg+xml' }],
  };
}

let takeBack = () => {};

/** Makes this page installable with a manifest until it is too old; `over` is called then. */
export function offerManifest(manifest: object, until: number, over: () => void): void {
  takeBack();
  const before = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
  const link = before ?? document.head.appendChild(document.createElement('link'));
  const usual = before?.getAttribute('href') ?? null;
  const url = URL.createObjectURL(new Blob([JSON.stringify(manifest)], { type: 'application/manifest+json' }));
  link.rel = 'manifest';
  link.href = url;
  takeBack = () => {
    clearTimeout(timer);
    if (usual === null) link.remove();
    else link.setAttribute('href', usual);
    URL.revokeObjectURL(url);
    takeBack = () => {};
    over();
  };
  const timer = setTimeout(() => takeBack(), until - Date.now());
}
