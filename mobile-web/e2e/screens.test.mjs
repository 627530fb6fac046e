// Every screen there is, with something on it: by day and by night, small and large, by eye, ear and keys.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { look, unzoomed } from './looks.mjs';
import { letIn, outThere, start } from './paired.mjs';
import { byKeys, shape, wrong } from './shape.mjs';
import { until } from './story.mjs';

const source = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
/** What the page itself tells its screens apart by. */
const screens = () => [...new Set([...source('../src/Home.svelte').matchAll(/\{(?:#|:else )if place\.screen === '(\w+)'/g)].map(([, name]) => name))];
const states = () => [...new Set([...source('../src/App.svelte').matchAll(/entry\.at === '(\w+)'/g)].map(([, name]) => name))].filter((name) => name !== 'home');
const whys = () => [...source('../src/screens/Locked.svelte').match(/export type Why = ([^;]+);/)[1].matchAll(/'(\w+)'/g)].map(([, why]) => why);

const SIZES = [{ width: 320, height: 640 }, { width: 390, height: 844 }, { width: 768, height: 1024 }];

/** All that is owed to a person on this screen. */
async function whole(page, name) {
  await look(page, `screen-${name}`, SIZES);
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await shape(page, name);
    assert.deepEqual(await wrong(page), [], `${name} at ${size.width} px`);
  }
  // Letters of twice the size, on the smallest screen.
  await page.setViewportSize(SIZES[0]);
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  if (process.env.OFFDESK_SHOTS) {
    await unzoomed(page);
    await page.screenshot({ path: `${process.env.OFFDESK_SHOTS}/large-${name}.png` });
  }
  const large = await wrong(page);
  await page.evaluate(() => document.documentElement.style.removeProperty('font-size'));
  assert.deepEqual(large, [], `${name} with large letters`);
  await page.setViewportSize(SIZES[1]);
  assert.deepEqual(await byKeys(page), [], `${name} by keys`);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running' && one.effect?.getComputedTiming().duration > 1).length);
  await page.emulateMedia({ reducedMotion: null });
  assert.equal(moving, 0, `${name} stands still for those who want that`);
}

const ready = (page) => until('the screen is there', async () => (await page.getByText(/^(Loading…|Reading\.|Asking the computer\.)$/).count()) === 0);
/** What is wrong is collected: one screen must not hide the next. */
async function each(names, what) {
  const failed = [];
  for (const name of names) {
    if (process.env.OFFDESK_SCREEN && !process.env.OFFDESK_SCREEN.split(',').includes(name)) continue;
    try {
      await what(name);
    } catch (error) {
      failed.push(`${name}: ${error.message}\n${error.actual ? JSON.stringify(error.actual, null, 1).slice(0, 2500) : ''}`);
    }
  }
  assert.equal(failed.length, 0, `\n${failed.join('\n\n')}`);
}

test('every screen of the page', { timeout: 1_200_000 }, async () => {
  await outThere(async ({ desk, page, origin }) => {
    const git = (...args) => execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: desk.workspace, env: { ...process.env, HOME: desk.home } });
    desk.write('prices.txt', 'apple 3\npear 4\nplum 5\n');
    git('init', '-q', '-b', 'trunk');
    git('add', '.');
    git('commit', '-qm', 'Begin');
    // A conversation that somebody had in this folder, with Claude Code itself.
    const from = new URL('../../fixtures/history/home/.claude/projects/-home-ada-shop/', import.meta.url);
    const into = join(desk.home, '.claude/projects/-home-ada-shop');
    mkdirSync(into, { recursive: true });
    for (const file of readdirSync(from)) writeFileSync(join(into, file), readFileSync(new URL(file, from), 'utf8').replaceAll('/home/ada/shop', desk.workspace));
    await letIn(desk, page);
    const [asks] = [await start(desk, 'say: The prices come from prices.txt.\nrun: rm -rf build && mkdir build', 'Clean the build folder')];
    const edits = await start(desk, 'edit: prices.txt', 'Raise the prices');
    await start(desk, 'ask: Which colour?', 'Paint the fence');
    await start(desk, 'sleep: 900', 'Watch the log');
    await start(desk, 'say: All twelve tests pass.', 'Write the tests');
    let open = [];
    await until('all ask', async () => (open = JSON.parse(await desk.cli('approvals', '--json')).filter((one) => one.state === 'requested')).length === 3);
    await desk.cli('approve', open.find(({ run }) => run === edits.id).id, '--rule', 'project');
    await until('it was changed', () => desk.file('prices.txt').includes('Edited by'));
    await until('its turn is over', async () => JSON.parse(await desk.cli('show', edits.id, '--json')).state === 'idle');
    await desk.cli('artifacts', 'add', edits.id, 'prices.txt');
    const approval = open.find(({ run }) => run === asks.id).id;

    const go = async (place) => {
      await page.goto(`${origin}/#${place}`);
      await page.getByRole('heading').first().waitFor();
      await ready(page);
    };
    /** Where a link of this screen leads. */
    const follow = async (start) => {
      const link = page.locator(`a[href^="${start}"]`).first();
      await link.waitFor();
      await go((await link.getAttribute('href')).slice(1));
    };
    const ways = {
      now: () => go('/'),
      run: () => go(`/run/${asks.id}`),
      changes: async () => {
        await go(`/changes/${edits.id}`);
        await page.getByText('prices.txt').first().waitFor();
      },
      artifacts: async () => {
        await go(`/artifacts/${edits.id}`);
        await page.getByText('prices.txt').first().waitFor();
      },
      approval: () => go(`/approval/${approval}`),
      new: () => go('/new'),
      history: () => go('/history'),
      conversation: async () => {
        await go('/history');
        await follow('#/history/');
      },
      files: async () => {
        await go('/files');
        await follow('#/files/');
        await page.getByText('prices.txt').first().waitFor();
      },
      file: async () => {
        await ways.files();
        await follow('#/file/');
      },
    };
    // It asks once, above any screen.
    await go('/');
    await each(['ask'], (name) => whole(page, name));
    await page.getByRole('button', { name: 'Not now' }).tap();
    const known = screens();
    assert.ok(known.length >= 14, `the screens were found: ${known}`);
    await each(['now', 'conversation', ...known], async (name) => {
      await (ways[name] ?? (() => go(`/${name}`)))();
      // No screen of its own: a new one would be shown as the first.
      if (name !== 'now') assert.equal(await page.getByRole('heading', { level: 1, name: 'Now', exact: true }).count(), 0, `${name} is shown`);
      await whole(page, name);
    });
    // Which agents a machine has must not change what is looked at.
  }, [390], { OFFDESK_CLAUDE: '/nowhere/claude' });
});

test('everything that is shown to somebody who is not in', { timeout: 600_000 }, async () => {
  await outThere(async ({ desk, edge, page, origin }) => {
    const offer = async () => JSON.parse(await desk.cli('pair', '--json')).loginUrl;
    const waits = async () => JSON.parse(await desk.cli('devices', '--json')).waiting[0]?.device;
    const anew = async (address) => {
      await page.goto('about:blank');
      await page.goto(address);
    };
    /** Its storage was cleared. */
    const forget = () => page.evaluate(() => new Promise((done) => {
      const open = indexedDB.open('offdesk');
      open.onsuccess = () => {
        const clear = open.result.transaction('hosts', 'readwrite').objectStore('hosts').clear();
        clear.onsuccess = () => done();
      };
    }));
    const ways = {
      unknown: () => anew(origin),
      garbled: () => anew(`${origin}/p#1.AAAA`),
      pairing: async () => {
        await anew(await offer());
        await page.getByRole('heading', { name: 'Almost there' }).waitFor();
      },
      refused: async () => {
        await desk.cli('devices', 'refuse', await waits());
        await page.getByRole('heading', { name: 'Not let in' }).waitFor();
      },
      spent: async () => {
        const address = await offer();
        await anew(address);
        await page.getByRole('heading', { name: 'Almost there' }).waitFor();
        await desk.cli('devices', 'refuse', await waits());
        await page.getByRole('heading', { name: 'Not let in' }).waitFor();
        await forget();
        await anew(address);
        await page.getByText('was used before').waitFor();
      },
      revoked: async () => {
        const device = await letIn(desk, page);
        await desk.cli('devices', 'revoke', device);
        await page.getByRole('heading', { name: 'No access any more' }).waitFor();
      },
      unreachable: async () => {
        await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
        const address = await offer();
        await forget();
        await edge.say('down');
        await anew(address);
        await page.getByRole('heading', { name: 'The gateway does not answer' }).waitFor();
        await edge.say('up');
      },
      insecure: async () => {
        await page.addInitScript(() => Object.defineProperty(window, 'isSecureContext', { value: false }));
        await anew(origin);
        await page.getByRole('heading', { name: 'This address is not secure' }).waitFor();
      },
    };
    const wanted = [...whys(), ...states().filter((state) => !['locked', 'opening'].includes(state))];
    assert.deepEqual(wanted.filter((name) => !(name in ways)), [], 'each has a way to it');
    await each(Object.keys(ways), async (name) => {
      await ways[name]();
      await page.getByRole('heading').first().waitFor();
      await whole(page, `out-${name}`);
    });
  });
});
