// Keeps the page's own files, so that it opens without its address: a quick tunnel's name dies with the tunnel, a phone
// may have no network, and a gateway may be away. Nothing else is kept here; what a run says never comes through.
importScripts('/notifying.js', '/sharing.js');
const FILES = __FILES__;
/** What is loaded on demand: kept once the page is quiet, since its address may be gone when it is wanted. */
const LATER = __LATER__;
/** Each shell has a place of its own, so that a page goes on with the files it began with. */
const PLACE = 'shell-';
const OWN = PLACE + __SHELL__;

const isPath = (path) => FILES.includes(path) || LATER.includes(path);

/** All or nothing: a shell whose files are of two builds would not start. */
async function keep() {
  const cache = await caches.open(OWN);
  await cache.addAll(FILES.map((path) => new Request(path, path.startsWith('/assets/') ? {} : { cache: 'no-cache' })));
  const page = await (await cache.match('/')).text();
  if (!FILES.some((path) => path.endsWith('.js') && page.includes(path))) {
    await caches.delete(OWN);
    throw new Error('The page is of another build than this worker.');
  }
}

// It takes over when its page says so, or when no page of the one before is open any more.
addEventListener('install', (event) => event.waitUntil(keep()));

addEventListener('activate', (event) => {
  const tidy = async () => {
    const others = (await caches.keys()).filter((name) => name !== OWN && (name.startsWith(PLACE) || name === 'shell'));
    // Pages of the shell before may still be open, and want what they load on demand.
    await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
    await clients.claim();
  };
  event.waitUntil(tidy());
});

/** The page as it is kept: it opens at once, and whether there is a newer one is asked beside. */
async function page(request) {
  return (await (await caches.open(OWN)).match('/')) ?? fetch(request);
}

/** Built files carry a hash of their content in their names, so whichever shell kept one, it is right. */
async function file(request) {
  return (await (await caches.open(OWN)).match(request)) ?? (await caches.match(request)) ?? fetch(request);
}

addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  if (event.request.mode === 'navigate') {
    // A picture or the manifest opened by hand is no page.
    if (!/\.\w+$/.test(url.pathname)) event.respondWith(page(event.request));
  } else if (isPath(url.pathname) || url.pathname.startsWith('/assets/')) event.respondWith(file(event.request));
});

async function keepRest() {
  const cache = await caches.open(OWN);
  for (const path of LATER) {
    // One after the other, and none that fails keeps the others away: the next visit tries again.
    if (!(await cache.match(path))) await cache.add(path).catch(() => undefined);
  }
}

addEventListener('message', (event) => {
  const { type, path } = event.data ?? {};
  if (type === 'offdesk.keep') event.waitUntil(keepRest());
  else if (type === 'offdesk.take') event.waitUntil(skipWaiting());
  // Whether the page that asks is of this shell.
  else if (type === 'offdesk.is') event.ports[0]?.postMessage(isPath(path));
});
