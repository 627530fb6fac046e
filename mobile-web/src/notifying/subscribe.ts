// Whether this page can be told things while it is away, and turning that on: only when its person asks for it.
import type { Api } from '@offdesk/client';
import { isApple } from '../homescreen.svelte.ts';

export type Support =
  /** It can, and is asked first. */
  | 'ask'
  /** Allowed. */
  | 'granted'
  /** The person said no to the browser. */
  | 'denied'
  /** An iPhone or iPad tells pages on the home screen alone. */
  | 'homeScreen'
  /** Not over this address: its certificate is not one the browser trusts. */
  | 'address'
  /** The browser cannot. */
  | 'none';

export function support(): Support {
  const installed = matchMedia('(display-mode: standalone)').matches;
  if (isApple(navigator) && !installed) return 'homeScreen';
  if (!('Notification' in globalThis) || !('PushManager' in globalThis) || !('serviceWorker' in navigator)) return 'none';
  // A page by http has no service worker of ours.
  if (location.protocol !== 'https:') return 'address';
  if (Notification.permission === 'denied') return 'denied';
  return Notification.permission === 'granted' ? 'granted' : 'ask';
}

const WORKER_MS = 5_000;

async function worker(): Promise<ServiceWorkerRegistration | null> {
  // Where the certificate is not trusted, there never is one.
  const registered = navigator.serviceWorker?.ready ?? new Promise<never>(() => undefined);
  return Promise.race([registered, new Promise<null>((done) => setTimeout(() => done(null), WORKER_MS))]);
}

const bytesOf = (key: string) => Uint8Array.from(atob(key.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));

/** How the gateway names this page's subscription. */
async function idOf(endpoint: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint)));
  return [...digest.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** This page's subscription, as the gateway names it. */
export async function ownSubscription(): Promise<string | null> {
  if (support() !== 'granted') return null;
  const subscription = await (await worker())?.pushManager.getSubscription();
  return subscription ? idOf(subscription.endpoint) : null;
}

/** Asks the person and subscribes. Must follow from a tap. */
export async function turnOn(api: Api, key: string): Promise<Support> {
  if ((await Notification.requestPermission()) !== 'granted') return support();
  const registration = await worker();
  if (!registration) return 'address';
  const wanted = { userVisibleOnly: true, applicationServerKey: bytesOf(key) };
  const before = await registration.pushManager.getSubscription();
  const known = before?.options.applicationServerKey;
  const same = known && String(new Uint8Array(known)) === String(wanted.applicationServerKey);
  // One that was made for another computer's key takes nothing from this one.
  if (before && !same) await before.unsubscribe();
  const { endpoint, keys } = (await registration.pushManager.subscribe(wanted)).toJSON();
  await api.subscribe({ endpoint: endpoint ?? '', p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '', origin: location.origin });
  return 'granted';
}

export async function turnOff(api: Api): Promise<void> {
  const subscription = await (await worker())?.pushManager.getSubscription();
  if (!subscription) return;
  await api.unsubscribe(await idOf(subscription.endpoint));
  await subscription.unsubscribe();
}
