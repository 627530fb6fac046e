import { Api, Host, type PairingRequest } from '@offdesk/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Offering, clockOf } from '../src/offering.svelte.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const request = (askedAt: string): PairingRequest => ({ device: 'd', name: 'n', platform: 'Android', digits: '012345', path: 'lan', role: 'admin', again: false, askedAt });

/** An offer that lasts two minutes; `no`: why there is none. */
function offering(no?: object) {
  const host = new Host(new Api(async () => (no
    ? Response.json(no, { status: 409 })
    : Response.json({ for: 'phone', loginUrl: 'https://x/p#1.a', expiresAt: new Date(Date.now() + 120_000).toISOString(), note: null }))));
  return { host, code: new Offering(host) };
}

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

describe('a code', () => {
  test('runs out, and its ring with it', async () => {
    const { code } = offering();
    expect([code.state, code.left, code.share]).toEqual(['none', 0, 0]);
    await code.make({ for: 'phone', role: 'admin' });
    const stop = code.run();
    expect([code.state, code.left, code.share]).toEqual(['live', 120, 1]);
    vi.advanceTimersByTime(60_000);
    expect([code.left, code.share]).toEqual([60, 0.5]);
    vi.advanceTimersByTime(59_500);
    expect([code.state, code.left]).toEqual(['live', 1]);
    vi.advanceTimersByTime(1_000);
    expect([code.state, code.left, code.share]).toEqual(['over', 0, 0]);
    stop();
  });

  test('is used by whoever knocks after it was made, and by nobody else', async () => {
    const { host, code } = offering();
    host.receive({ type: 'pairings', pairings: [request('before')] });
    await code.make({ for: 'phone', role: 'admin' });
    code.notice();
    expect(code.state).toBe('live');
    host.receive({ type: 'pairings', pairings: [request('before'), request('after')] });
    code.notice();
    expect(code.state).toBe('used');
    await code.make({ for: 'phone', role: 'admin' });
    expect(code.state).toBe('live');
  });

  test('that was not made says why, and takes the old one away', async () => {
    const { code } = offering({ code: 'wrongState', message: 'No way in.', hint: 'Switch one on.' });
    await code.make({ for: 'phone', role: 'admin' });
    expect(code.state).toBe('none');
    expect(code.trouble).toEqual({ message: 'No way in.', hint: 'Switch one on.' });
    code.forget();
    expect(code.trouble).toBeNull();
  });
});

test('a clock has minutes and two digits of seconds', () => {
  expect([120, 75, 9, 0].map(clockOf)).toEqual(['2:00', '1:15', '0:09', '0:00']);
});
