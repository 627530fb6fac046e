// How long a phone waits for the page: first and repeated load through a tunnel over an emulated slow 4G with a slow
// processor, and how soon a page that lost its line has caught up.
import { Edge } from '../e2e/outside.mjs';
import { Desk, phone, until } from '../e2e/story.mjs';
import { times } from './figures.mjs';

/** Lighthouse's slow 4G. */
const SLOW = { offline: false, latency: 150, downloadThroughput: (1.6384 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 };
const ROUNDS = 5;

/** A phone on a slow network, that never saw this page. */
async function slowPhone(rules) {
  const one = await phone(rules);
  const cdp = await one.context.newCDPSession(one.page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', SLOW);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  return { ...one, cdp };
}

/** From the link that a code holds to the digits: in ms, and what was transferred until then. */
async function firstLoad(desk, { page, cdp }) {
  const offer = JSON.parse(await desk.cli('pair', '--json'));
  let bytes = 0;
  cdp.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  const begun = performance.now();
  await page.goto(offer.loginUrl, { waitUntil: 'commit' });
  await page.getByRole('heading', { name: 'Almost there' }).waitFor();
  return { ms: performance.now() - begun, bytes };
}

const waiting = async (desk) => JSON.parse(await desk.cli('devices', '--json')).waiting[0].device;

export async function load() {
  const edge = await new Edge().start();
  const desk = new Desk(edge.env, edge.args);
  await desk.start();
  let browser;
  try {
    await until('reachable', async () => {
      const health = JSON.parse(await desk.cli('doctor', '--json'));
      return health.ok && health.hops[0].state === 'ok';
    });
    const first = [];
    // Each time another phone: the second load of one and the same is served by its service worker.
    for (let round = 1; round < ROUNDS; round++) {
      const stranger = await slowPhone(edge.rules);
      browser = stranger.browser;
      first.push(await firstLoad(desk, stranger));
      await desk.cli('devices', 'refuse', await waiting(desk));
      await browser.close();
    }
    const own = await slowPhone(edge.rules);
    browser = own.browser;
    const { page, cdp } = own;
    first.push(await firstLoad(desk, own));
    await desk.cli('devices', 'approve', await waiting(desk));
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    const connected = page.getByRole('status').filter({ hasText: 'Connected' }).first();
    await connected.waitFor();
    const repeat = [];
    for (let round = 0; round < ROUNDS; round++) {
      const begun = performance.now();
      await page.reload({ waitUntil: 'commit' });
      await connected.waitFor();
      repeat.push(performance.now() - begun);
    }
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    const back = [];
    for (let round = 0; round < ROUNDS; round++) {
      await edge.say('down');
      await page.getByRole('status').filter({ hasText: 'Not connected' }).first().waitFor();
      await edge.say('up');
      // What a phone says when its network returns.
      const begun = performance.now();
      await page.evaluate(() => dispatchEvent(new Event('online')));
      await connected.waitFor();
      back.push(performance.now() - begun);
    }
    return {
      'page over slow 4G with a processor four times slower': {
        'bytes transferred': first.at(-1).bytes, 'first, to the digits': times(first.map(({ ms }) => ms)), 'again, to connected': times(repeat),
      },
      'from the network back to caught up, on loopback (goal 250 ms)': times(back),
    };
  } finally {
    await browser?.close();
    await desk.close();
    edge.close();
  }
}
