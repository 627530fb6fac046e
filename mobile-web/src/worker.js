// Keeps the page's own files, so that it opens without its address: a quick tunnel's name dies with the tunnel, a phone
// may have no network, and a gateway may be away. Nothing else is kept; what a run says never comes through here.
importScripts('/notifications.js');
const FILES = __FILES__;
/** What is loaded on demand: kept once the page is quiet, since its address may be gone when it is wanted. */
const LATER = __LATER__;
const KEPT = 'shell';
/** How long the network may take before what is kept is shown instead. */
const PATIENCE_MS = 3_000;

const isOurs = (path) => FILES.includes(path) || LATER.includes(path);

addEventListener('install', (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});

addEventListener('activate', (event) => {
  const outdated = async () => {
    const cache = await caches.open(KEPT);
    for (const request of await cache.keys()) {
      if (!isOurs(new URL(request.url).pathname)) await cache.delete(request);
    }
    await clients.claim();
  };
  event.waitUntil(outdated());
});

/** The page itself: as it is now if somebody answers in time, else as it was. */
async function page(request) {
  const kept = await (await caches.open(KEPT)).match('/');
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    // A tunnel that lost its gateway answers with a page of its own.
    if (answer.ok || !kept) return answer;
  } catch (error) {
    if (!kept) throw error;
  }
  return kept;
}

/** Files carry a hash of their content in their names, so what is kept is right. */
async function file(request) {
  return (await (await caches.open(KEPT)).match(request)) ?? fetch(request);
}

addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  if (event.request.mode === 'navigate') event.respondWith(page(event.request));
  else if (isOurs(url.pathname)) event.respondWith(file(event.request));
});

async function keepRest() {
  const cache = await caches.open(KEPT);
  for (const path of LATER) {
    // One after the other, and none that fails keeps the others away: the next visit tries again.
    if (!(await cache.match(path))) await cache.add(path).catch(() => undefined);
  }
}

addEventListener('message', (event) => {
  if (event.data?.type === 'offdesk.keep') event.waitUntil(keepRest());
});
