import type { Approval, Device } from '@offdesk/client';
import { expect, test } from 'vitest';
import { ended, inOrder, presence } from '../src/devices.ts';

const device = (more: Partial<Device> = {}): Device => ({
  id: 'd', name: 'n', platform: 'Android', role: 'admin', state: 'active', local: false, origins: [],
  createdAt: '2026-01-01T00:00:00Z', seenAt: null, online: [], decided: 0, keys: 1, ...more,
});
const NOW = Date.parse('2026-01-01T01:00:00Z');

test('a device is here by its ways, or was', () => {
  expect(presence(device({ online: ['edge', 'edge', 'lan'] }), NOW)).toBe('Connected through the tunnel and in this network');
  expect(presence(device({ seenAt: '2026-01-01T00:30:00Z' }), NOW)).toBe('Last seen 30m ago');
  expect(presence(device(), NOW)).toBe('Never connected');
  expect(presence(device({ state: 'revoked', online: ['edge'] }), NOW)).toBe('Access taken away');
});

test('this device comes first, then the newest, whoever was seen last', () => {
  const all = [
    device({ id: 'old', createdAt: '2025-01-01T00:00:00Z', seenAt: '2026-01-01T00:59:00Z' }),
    device({ id: 'new' }), device({ id: 'own', createdAt: '2024-01-01T00:00:00Z' }),
  ];
  expect(inOrder(all, 'own').map((one) => one.id)).toEqual(['own', 'new', 'old']);
});

test('what came of a decision is said', () => {
  const approval = (more: Partial<Approval>) => ended({ resolution: 'allowed', outcome: null, ...more } as Approval);
  expect(approval({})).toBe('allowed');
  expect(approval({ outcome: 'ok' })).toBe('allowed, done');
  expect(approval({ outcome: 'failed' })).toBe('allowed, then failed');
  expect(approval({ resolution: 'denied', outcome: 'ok' })).toBe('denied');
});
