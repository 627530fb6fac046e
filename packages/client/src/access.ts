import type { LoginGranted } from './types.gen.ts';

const KEY = 'offdesk.key';

/** Where a page keeps its key: for this tab only, and never a cookie, which would reach every port of this machine. */
export interface KeyStore {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

export function savedKey(store: KeyStore): string | null {
  return store.getItem(KEY);
}

export function forgetKey(store: KeyStore): void {
  store.removeItem(KEY);
}

/** The one-time code of an address like `…/#c=CODE`. */
export function codeIn(fragment: string): string | null {
  return /^#c=([\w-]+)$/.exec(fragment)?.[1] ?? null;
}

/** Exchanges a code for a key and keeps it; nothing when the code is spent or too old. Throws when nobody answers. */
export async function redeem(code: string, name: string, store: KeyStore, ask: typeof fetch = fetch): Promise<string | null> {
  const answer = await ask('/api/v1/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, name }),
  });
  if (answer.status >= 500) throw new Error(`The gateway answered ${answer.status}.`);
  if (!answer.ok) return null;
  const { token } = (await answer.json()) as LoginGranted;
  store.setItem(KEY, token);
  return token;
}
