// Takes what another app shares, before any network: it may hold what nobody else should read, and must not stand in an
// address. Built into one file that the service worker takes in.
import { workerMessages } from '@offdesk/client/messages/worker.ts';
import { newId } from '@offdesk/client/ids.ts';
import { MOST_SHARED, openShared, sharedIn } from '@offdesk/client/sharing.ts';

/** As the manifest names it. */
const ACTION = '/share';

/** Where nothing can be kept, nothing can be shown either: said without the page. */
function sorry({ language, t }, words) {
  const page = `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Offdesk</title><body><h1>${t.notKept}</h1><p>${words}</p><p><a href="/">${t.open}</a></p></body></html>`;
  return new Response(page, { status: 507, headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'" } });
}

async function take(request) {
  const said = await workerMessages();
  try {
    const store = openShared();
    if ((await store.list()).length >= MOST_SHARED) return sorry(said, said.t.tooMany(MOST_SHARED));
    const shared = sharedIn(await request.formData(), newId(), Date.now());
    if (shared) await store.put(shared);
  } catch {
    return sorry(said, said.t.noRoom);
  }
  for (const page of await clients.matchAll({ type: 'window' })) page.postMessage({ type: 'offdesk.shared' });
  return Response.redirect('/#/new', 303);
}

addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method === 'POST' && event.request.mode === 'navigate' && url.origin === location.origin && url.pathname === ACTION) {
    event.respondWith(take(event.request));
  }
});
