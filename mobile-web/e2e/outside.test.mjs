// A phone that is away: let in through the tunnel, and kept through everything a line can do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Edge } from './outside.mjs';
import { Desk, card, more, phone, startRun, until } from './story.mjs';

const connected = (page) => page.getByRole('status').filter({ hasText: /Connected/ }).first();

async function reachable(desk) {
  await until('reachable from outside', async () => {
    const health = JSON.parse(await desk.cli('doctor', '--json'));
    return health.ok && health.hops[0].state === 'ok';
  });
  return JSON.parse(await desk.cli('pair', '--json'));
}

/** A desk behind an edge, and a phone that was let in. */
async function away(what, extra = []) {
  const edge = await new Edge().start();
  const desk = new Desk(edge.env, [...edge.args, ...extra]);
  await desk.start();
  const { browser, context, page, complaints } = await phone(edge.rules);
  try {
    const offer = await reachable(desk);
    await page.goto(offer.loginUrl);
    await page.getByRole('heading', { name: 'Almost there' }).waitFor();
    assert.equal(new URL(page.url()).hash, '', 'the code does not stay in the address');
    const [waiting] = JSON.parse(await desk.cli('devices', '--json')).waiting;
    const shown = (await page.locator('.digits').innerText()).replace(/\s/g, '');
    assert.equal(shown, waiting.digits, 'both screens show the same digits');
    await desk.cli('devices', 'approve', waiting.device);
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    await connected(page).waitFor();
    await what({ edge, desk, page, context, browser, device: waiting.device, origin: new URL(offer.loginUrl).origin });
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
    await desk.close();
    edge.close();
  }
}

function tunnelPid(desk) {
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  const line = lines.find((text) => text.includes('scripted-cloudflared tunnel') && text.includes(desk.data));
  return Number(line?.trim().split(/\s+/)[0]);
}

test('a phone keeps its run through cuts, silence, a minute without a line and a killed gateway', { timeout: 1_200_000 }, async () => {
  await away(async ({ edge, desk, page, origin }) => {
    const APPROVALS = 100;
    const prompt = Array.from({ length: APPROVALS }, (_, n) =>
      [`run: echo ${n} >> done.txt`, ...Array.from({ length: 14 }, (_, m) => `say: word ${n} ${m}`)].join('\n')).join('\n');
    // A hundred decisions in a row need no moment each.
    await page.getByRole('link', { name: 'More', exact: true }).tap();
    await page.getByRole('checkbox', { name: /A moment to undo/ }).uncheck();
    await startRun(page, 'Demo agent', prompt);
    const lines = () => desk.file('done.txt').split('\n').filter(Boolean);
    const allow = card(page).getByRole('button', { name: 'Allow', exact: true });
    const back = async () => connected(page).waitFor({ timeout: 60_000 });
    const trouble = {
      5: () => edge.say('cut'),
      // A line that breaks for a second.
      15: async () => {
        await edge.say('down');
        await new Promise((done) => setTimeout(done, 1000));
        await edge.say('up');
      },
      // Half open: nothing arrives any more, and nobody says so.
      30: async () => {
        await edge.say('freeze');
        await page.getByRole('status').filter({ hasText: /Not connected/ }).first().waitFor();
        await edge.say('thaw');
      },
      45: async () => {
        await desk.kill();
        await desk.start();
      },
      // A minute without a line.
      60: async () => {
        await edge.say('down');
        await page.getByRole('status').filter({ hasText: /Not connected/ }).first().waitFor();
        await new Promise((done) => setTimeout(done, 60_000));
        await edge.say('up');
      },
      70: () => edge.say('delay 150'),
      80: () => edge.say('delay 0'),
    };
    for (let n = 0; n < APPROVALS; n++) {
      await card(page).getByText(`echo ${n} >> done.txt`).waitFor({ timeout: 90_000 });
      // Trouble comes while the decision is on its way.
      const troubled = trouble[n]?.();
      await allow.tap();
      await troubled;
      await until(`command ${n} ran`, () => lines().length > n, 90_000);
    }
    await back();
    await page.getByText(/^○ idle$/).waitFor({ timeout: 60_000 });
    assert.deepEqual(lines(), Array.from({ length: APPROVALS }, (_, n) => String(n)), 'each once, in order');
    const [run] = JSON.parse(await desk.cli('ls', '--json'));
    const events = (await desk.cli('events', run.id)).split('\n').filter(Boolean).map((line) => JSON.parse(line));
    assert.ok(events.length >= 2000, `${events.length} events`);
    // The phone has the very last words, and did not load anew.
    await page.getByText(`word ${APPROVALS - 1} 13`, { exact: true }).waitFor();
    assert.equal(new URL(page.url()).origin, origin);
    // What is shown as the way in use is what the edge saw.
    assert.ok(edge.seen().some((line) => line.path === '/link' && `https://${line.host}` === origin));
  });
});

test('a new address is learnt, and the run goes on by it, also from a page that was closed', { timeout: 300_000 }, async () => {
  await away(async ({ edge, desk, page, context, origin }) => {
    await startRun(page, 'Demo agent', 'run: echo one > one.txt\nrun: echo two > two.txt');
    await card(page).getByText('echo one').waitFor();
    await card(page).getByRole('button', { name: 'Allow', exact: true }).tap();
    await card(page).getByText('echo two').waitFor();
    // The page learns the next address from the person, as by a notification: signed, in a fragment.
    process.kill(tunnelPid(desk), 'SIGKILL');
    await until('another address', async () => {
      const health = JSON.parse(await desk.cli('doctor', '--json'));
      return health.ok && health.hops[0].state === 'ok' && !health.hops[0].detail.includes(origin);
    });
    const offer = JSON.parse(await desk.cli('pair', '--json'));
    const moved = new URL(offer.loginUrl).origin;
    assert.notEqual(moved, origin);
    const { signed } = JSON.parse(await desk.cli('paths', '--json'));
    const forged = { ...signed, record: signed.record.replace(new URL(moved).host, 'evil.trycloudflare.com') };
    const open = async (record) => {
      const code = Buffer.from(JSON.stringify(record)).toString('base64url');
      await page.evaluate((fragment) => { location.hash = fragment; }, `2.${code}`);
    };
    await open(forged);
    await page.getByText('was not signed by your computer').waitFor();
    await open(signed);
    await until('the phone came by the new address', () =>
      edge.seen().some((line) => line.path === '/link' && `https://${line.host}` === moved));
    await connected(page).waitFor();
    assert.equal(new URL(page.url()).origin, origin, 'the page is still that of the old address');
    // Closed and opened anew at an address that is nobody's any more: the page comes from what it kept.
    await page.close();
    const again = await context.newPage();
    await again.goto(`${origin}/`);
    await connected(again).waitFor();
    page = again;
    await page.getByRole('region', { name: 'Needs you' }).getByRole('link').tap();
    await card(page).getByRole('button', { name: 'Allow', exact: true }).tap();
    await until('the second ran', () => desk.file('two.txt') === 'two\n');
  });
});

test('a phone in the network moves to the tunnel when the network is gone', { timeout: 300_000 }, async () => {
  const edge = await new Edge().start();
  const desk = new Desk(edge.env, [...edge.args, '--lan', '127.0.0.1:0']);
  await desk.start();
  const { browser, page } = await phone(edge.rules);
  try {
    await reachable(desk);
    const { paths } = JSON.parse(await desk.cli('paths', '--json'));
    const lan = paths.find((path) => path.kind === 'lan').url;
    // Pair at the tunnel's page, then one tap adopts the network's.
    const offer = JSON.parse(await desk.cli('pair', '--for', 'phone', '--json'));
    await page.goto(offer.loginUrl);
    await page.getByRole('heading', { name: 'Almost there' }).waitFor();
    const [waiting] = JSON.parse(await desk.cli('devices', '--json')).waiting;
    await desk.cli('devices', 'approve', waiting.device);
    await connected(page).waitFor();
    await more(page, 'Devices');
    const opened = page.context().waitForEvent('page');
    await page.getByRole('region', { name: /More ways/ }).getByRole('button', { name: 'Open it as this device' }).first().tap();
    const home = await opened;
    await home.getByRole('heading', { name: 'Now' }).waitFor();
    await connected(home).waitFor();
    assert.equal(new URL(home.url()).origin, lan);
    const { devices } = JSON.parse(await desk.cli('devices', '--json'));
    assert.equal(devices.length, 1, 'both pages are one device');
    assert.ok(devices[0].online.includes('lan'));
    await startRun(home, 'Demo agent', 'run: echo hi > made.txt');
    await card(home).getByText('echo hi').waitFor();
    // The gateway comes back without the network's door: the page goes on through the tunnel.
    desk.args = edge.args;
    await desk.kill();
    await desk.start();
    await connected(home).waitFor();
    await until('the way in use is the tunnel', async () => {
      const { devices } = JSON.parse(await desk.cli('devices', '--json'));
      return devices[0].online.includes('edge') && !devices[0].online.includes('lan');
    });
    await card(home).getByRole('button', { name: 'Allow', exact: true }).tap();
    await until('it ran', () => desk.file('made.txt') === 'hi\n');
  } finally {
    await browser.close();
    await desk.close();
    edge.close();
  }
});

test('the picture of the code is all a phone needs', { timeout: 300_000 }, async () => {
  const edge = await new Edge().start();
  const desk = new Desk(edge.env, edge.args);
  await desk.start();
  const { browser, page } = await phone(edge.rules);
  try {
    await reachable(desk);
    // The desk: a page on this machine.
    const screen = await (await browser.newContext({ viewport: { width: 900, height: 900 } })).newPage();
    await screen.goto(desk.loginUrl);
    await screen.getByRole('link', { name: 'More', exact: true }).click();
    await screen.getByRole('navigation', { name: 'More' }).getByRole('link', { name: /^Devices/ }).click();
    await screen.getByRole('button', { name: /Connect a phone|Show a code/ }).click();
    const picture = await screen.getByRole('img', { name: /code/i }).screenshot();
    // The phone's camera.
    await page.goto('about:blank');
    await page.addScriptTag({ content: readFileSync(new URL('../../node_modules/jsqr/dist/jsQR.js', import.meta.url), 'utf8') });
    const text = await page.evaluate(async (png) => {
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      const { data, width, height } = context.getImageData(0, 0, image.width, image.height);
      return window.jsQR(data, width, height)?.data ?? null;
    }, picture.toString('base64'));
    assert.ok(text, 'the picture can be read');
    await page.goto(text);
    await page.getByRole('heading', { name: 'Almost there' }).waitFor();
    const digits = (await page.locator('.digits').innerText()).replace(/\s/g, '');
    await screen.getByText(`${digits.slice(0, 3)} ${digits.slice(3)}`).waitFor();
    await screen.getByRole('button', { name: /Approve/ }).click();
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    await connected(page).waitFor();
  } finally {
    await browser.close();
    await desk.close();
    edge.close();
  }
});
