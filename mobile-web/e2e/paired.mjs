// A desk behind an edge, and phones that were let in by it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Edge } from './outside.mjs';
import { Front } from './shells.mjs';
import { Desk, phone, until } from './story.mjs';

export const connected = (page) => page.getByRole('status').filter({ hasText: /Connected/ }).first();
export const notConnected = (page) => page.getByRole('status').filter({ hasText: /Not connected/ }).first();

/** The page's own service worker has all of the shell, and answers for it. */
export async function kept(page) {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await until('all of the page is kept', () => page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)));
    return !!navigator.serviceWorker.controller && all.flat().some((url) => url.includes('/NewRun')) && all.flat().some((url) => url.includes('/Usage'));
  }));
}

/** Lets a page in that opened a code. */
export async function letIn(desk, page) {
  const offer = JSON.parse(await desk.cli('pair', '--json'));
  await page.goto(offer.loginUrl);
  await page.getByRole('heading', { name: 'Almost there' }).waitFor();
  const [waiting] = JSON.parse(await desk.cli('devices', '--json')).waiting;
  await desk.cli('devices', 'approve', waiting.device);
  await connected(page).waitFor();
  return waiting.device;
}

/** A desk that can be reached from outside, and a phone that can reach it. `widths`: one phone each, with storages of their own. */
export async function outThere(what, widths = [390]) {
  const edge = await new Edge().start();
  const desk = new Desk(edge.env, edge.args);
  await desk.start();
  const front = await new Front(edge).start();
  const phones = [];
  try {
    await until('reachable from outside', async () => {
      const health = JSON.parse(await desk.cli('doctor', '--json'));
      return health.ok && health.hops[0].state === 'ok';
    });
    for (const width of widths) phones.push(await phone(front.rules, { width, height: width < 400 ? 640 : 1024 }));
    const origin = JSON.parse(await desk.cli('paths', '--json')).paths.find((path) => path.kind === 'edge').url;
    await what({ edge, front, desk, origin, phones, ...phones[0] });
    for (const { complaints } of phones) assert.deepEqual(complaints, []);
  } catch (error) {
    // How it looked then.
    const into = process.env.OFFDESK_SHOTS;
    const pages = into ? phones.flatMap(({ context }) => context.pages()) : [];
    for (const [at, page] of pages.entries()) await page.screenshot({ path: join(into, `failed-${at}.png`) }).catch(() => undefined);
    throw error;
  } finally {
    for (const { browser } of phones) await browser.close();
    await desk.close();
    front.close();
    edge.close();
  }
}

export const start = (desk, prompt, label) =>
  desk.cli('run', '--agent', 'demo', '--dir', desk.workspace, ...(label ? ['--label', label] : []), '--detach', '--json', prompt).then(JSON.parse);
export const events = async (desk, run) => (await desk.cli('events', run)).split('\n').filter(Boolean).map((line) => JSON.parse(line));
