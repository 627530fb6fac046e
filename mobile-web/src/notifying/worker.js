// Shows what the gateway tells, takes it back, and says over the sealed link how far it came. Built into one file that
// the service worker takes in.
import { dialBrowser } from '@offdesk/client/link/dial.ts';
import { Link } from '@offdesk/client/link/link.ts';
import { openVault } from '@offdesk/client/link/vault.ts';
import { workerMessages } from '@offdesk/client/messages/worker.ts';
import { addressOf, leftOf, showing, toldIn } from './told.ts';

/** How often a receipt is tried, and how long it waits in between. */
const TRIES = 3;
const PAUSE_MS = 2_000;
const PATIENCE_MS = 10_000;

const actions = () => Number(globalThis.Notification?.maxActions ?? 0);
/** Where every message must show something, or the subscription is lost. */
const mustShow = () => navigator.vendor?.startsWith('Apple') ?? false;
const pause = () => new Promise((done) => setTimeout(done, PAUSE_MS));

async function linkTo(host) {
  const vault = openVault();
  const known = (await vault.list()).find((one) => one.hostId === host);
  return known ? new Link(known, vault, dialBrowser, location.origin, __BUILD__) : null;
}

/** Asks the gateway, by whatever way there is. */
async function ask(host, path, body, moved) {
  const link = await linkTo(host);
  if (!link) throw new Error('This page is not paired with that computer.');
  // Checked against the key this page learned when it was paired.
  if (moved) await link.adopt(moved);
  const connection = await link.connection();
  try {
    return await link.fetch(`/api/v1${path}`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } finally {
    connection.close();
  }
}

async function receipt({ host, id, moved }, opened) {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      await ask(host, `/notifications/${id}/receipt`, { opened }, moved);
      return;
    } catch {
      // A phone that wakes up has its network a moment later.
      await pause();
    }
  }
}

const show = ({ title, options }) => registration.showNotification(title, options);

let last = Promise.resolve();
/**
 * One message after the other. A browser that is asked what it shows while something is on its way to the screen takes that
 * for closed and forgets what belongs to it: a tap on it would do nothing. Phones that wake up get many at once.
 */
function inTurn(work) {
  const done = last.then(work);
  last = done.catch(() => undefined);
  return done;
}

async function badge(count) {
  if (count > 0) await navigator.setAppBadge?.(count);
  else await navigator.clearAppBadge?.();
}

async function tell(told) {
  const { t } = await workerMessages();
  await inTurn(async () => {
    const same = await registration.getNotifications({ tag: told.notification.tag });
    await show(showing(told, same.map((one) => one.data?.id), actions(), t));
  });
  await Promise.allSettled([badge(told.offdesk.badge), receipt(told.offdesk, false)]);
}

async function takeBack(told) {
  const all = await registration.getNotifications();
  const own = all.filter((one) => one.tag === told.notification.tag);
  const looked = (await clients.matchAll({ type: 'window' })).some((page) => page.visibilityState === 'visible');
  const others = all.length > own.length;
  // Browsers want something to be seen of each message: another one, an open page, or the words that it is over.
  if (looked || (others && !mustShow()) || (own.length === 0 && !mustShow())) own.forEach((one) => one.close());
  else await show(leftOf(told));
  await badge(told.offdesk.badge).catch(() => undefined);
}

addEventListener('push', (event) => {
  let message = null;
  try {
    message = toldIn(event.data?.json());
  } catch {
    // No message of ours.
  }
  if (message) event.waitUntil(message.offdesk.back ? inTurn(() => takeBack(message)) : tell(message));
});

async function open(shown) {
  const address = addressOf(shown);
  const pages = await clients.matchAll({ type: 'window' });
  const page = pages.find((one) => one.focused) ?? pages[0];
  if (!page) return clients.openWindow(address);
  page.postMessage({ type: 'offdesk.open', address });
  return page.focus();
}

async function decide(shown, title, verdict) {
  const { approval, hash } = shown.decidable;
  // Made once: sent again it is the same decision.
  const decision = { id: crypto.randomUUID(), hash, verdict };
  const { t } = await workerMessages();
  let why = t.maybeArrived;
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      const answer = await ask(shown.host, `/approvals/${approval}/decision`, decision);
      if (answer.ok) return receipt(shown, true);
      why = (await answer.json().catch(() => null))?.message ?? why;
      break;
    } catch {
      await pause();
    }
  }
  const { decidable: _, ...data } = shown;
  await registration.showNotification(title, { body: why, tag: `approval/${approval}`, icon: '/icon.svg', data });
}

addEventListener('notificationclick', (event) => {
  const { notification, action } = event;
  const shown = notification.data;
  notification.close();
  if (!shown) return;
  if (shown.decidable && (action === 'allow' || action === 'deny')) {
    event.waitUntil(decide(shown, notification.title, action === 'allow' ? { type: 'allow' } : { type: 'deny', say: null, stop: false }));
  } else {
    event.waitUntil(Promise.allSettled([open(shown), receipt(shown, true)]));
  }
});

/** A browser may give a page another address to be told at. */
addEventListener('pushsubscriptionchange', (event) => {
  const renew = async () => {
    const options = event.oldSubscription?.options;
    const renewed = event.newSubscription ?? (options && (await registration.pushManager.subscribe(options)));
    if (!renewed) return;
    const { endpoint, keys } = renewed.toJSON();
    for (const known of await openVault().list()) {
      await ask(known.hostId, '/notifications/subscriptions', { endpoint, ...keys, origin: location.origin }).catch(() => undefined);
    }
  };
  event.waitUntil(renew());
});
