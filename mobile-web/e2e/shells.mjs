// Another build of the page: the same, with other names for its files, as a build of changed sources would have.
import { readdirSync } from 'node:fs';

const ASSETS = readdirSync(new URL('../dist/assets', import.meta.url));
const TYPES = { js: 'text/javascript', css: 'text/css', html: 'text/html' };

/** From now on this origin serves that build to this browser, its service worker included. */
export async function serveBuild(context, origin, name) {
  await context.unrouteAll();
  await context.route((url) => url.origin === origin && url.pathname !== '/healthz', async (route) => {
    const url = new URL(route.request().url());
    const plain = url.pathname.replace(`.${name}.`, '.');
    const known = ASSETS.includes(plain.split('/').at(-1));
    // A build has its own files and no others.
    if (known && plain === url.pathname) return route.fulfill({ status: 404, body: 'There is nothing here.' });
    const answer = await route.fetch({ url: origin + plain });
    const ending = plain === '/' ? 'html' : plain.split('.').at(-1);
    if (!(ending in TYPES)) return route.fulfill({ response: answer });
    let body = await answer.text();
    for (const file of ASSETS) body = body.replaceAll(file, file.replace(/\.(\w+)$/, `.${name}.$1`));
    if (plain === '/worker.js') body = body.replace(/(const OWN = PLACE \+ ")/, `$1${name}`);
    await route.fulfill({ status: answer.status(), headers: { ...answer.headers(), 'content-type': TYPES[ending] }, body });
  });
}

/** Which build a page is of; the empty word for the one that was built. */
export const buildOf = (page) => page.evaluate(() => /\.(\w+)\.js$/.exec(document.querySelector('script[type=module][src]').src)?.[1] ?? '');

/** As if the browser had asked for a newer worker by itself. */
export const lookForUpdate = (page) => page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration()).update()));
