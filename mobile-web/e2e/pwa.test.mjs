// The page as an app: without a line, frozen in a pocket, renewed under somebody's hands, on two phones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { look } from './looks.mjs';
import { connected, events, kept, letIn, notConnected, outThere, start } from './paired.mjs';
import { buildOf, lookForUpdate } from './shells.mjs';
import { until } from './story.mjs';

const say = async (page, words) => {
  await page.getByRole('textbox', { name: 'Message' }).fill(words);
  await page.getByRole('button', { name: 'Send' }).tap();
};

/** What the page knows is kept for a time without a line. */
const known = (page, all) => until('what is known is kept', async () => (await stored(page, 'offdesk-known', 'hosts')).some(all));
const stored = (page, database, store) => page.evaluate(([database, store]) => new Promise((done) => {
  const open = indexedDB.open(database);
  open.onsuccess = () => {
    const found = open.result.transaction(store).objectStore(store).getAll();
    found.onsuccess = () => done(found.result);
  };
}), [database, store]);

for (const width of [320, 390, 768]) {
  test(`without a line at ${width} px: what was known is there, with its time; what is said goes out in order, once`, { timeout: 300_000 }, async () => {
    await outThere(async ({ desk, edge, context, page, origin }) => {
      await letIn(desk, page);
      await kept(page);
      const talk = await start(desk, 'say: the last words before the tunnel', 'Talk');
      const asks = await start(desk, 'run: echo hi > made.txt', 'Asks');
      await page.getByRole('region', { name: 'Needs you' }).waitFor();
      await page.goto(`${origin}/#/run/${talk.id}`);
      await page.getByText('the last words before the tunnel', { exact: true }).waitFor();
      await known(page, (known) => known.approvals?.length === 1);
      await until('its story is kept', async () => (await stored(page, 'offdesk-stories', 'ends')).some(({ events }) => events.length > 0));
      await page.close();

      await edge.say('down');
      let away = await context.newPage();
      await away.goto(origin);
      await away.getByText(/^Not connected: this is as of \d/).waitFor();
      const asked = away.getByRole('region', { name: 'Needs you' });
      await asked.getByText('Asks').first().waitFor();
      assert.equal(await connected(away).count(), 0, 'nothing is green');
      await look(away, `offline-${width}`, [{ width, height: 640 }]);
      await away.getByRole('link', { name: 'Runs', exact: true }).tap();
      await away.getByRole('link', { name: /Talk/ }).tap();
      await away.getByText('the last words before the tunnel', { exact: true }).waitFor();
      for (const words of ['say: first', 'say: second']) await say(away, words);
      await away.getByText('Waits for the connection: say: second').waitFor();
      // Thrown away by the phone with all that waits, and opened where it was.
      const there = away.url();
      await away.close();
      away = await context.newPage();
      await away.goto(there);
      await away.getByText('Waits for the connection: say: second').waitFor();
      await say(away, 'say: third');

      await edge.say('up');
      await connected(away).waitFor({ timeout: 30_000 });
      await away.getByText('third', { exact: true }).waitFor();
      const said = (await events(desk, talk.id)).filter(({ event }) => event.type === 'prompt.sent').map(({ event }) => event.text);
      assert.deepEqual(said.slice(1), ['say: first', 'say: second', 'say: third']);
      await away.getByText('Not connected: this is').waitFor({ state: 'detached' });
      assert.equal(desk.file('made.txt'), '', 'what was only looked at was not decided');
      await desk.cli('stop', asks.id);
    }, [width]);
  });
}

test('frozen in a pocket and taken out: what happened meanwhile is there', { timeout: 300_000 }, async () => {
  await outThere(async ({ desk, page, context }) => {
    await letIn(desk, page);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Debugger.enable');
    // A headless browser's pages are always in sight, and what is in sight it does not freeze: stopped instead, where
    // neither its timers nor its connections get a turn, and told what a browser tells it.
    const freeze = async () => {
      const stopped = new Promise((done) => cdp.once('Debugger.paused', done));
      await cdp.send('Debugger.pause');
      void page.evaluate(() => document.dispatchEvent(new Event('freeze'))).catch(() => undefined);
      await stopped;
    };
    const thaw = async () => {
      await cdp.send('Debugger.resume');
      await page.evaluate(() => void document.dispatchEvent(new Event('resume')));
    };
    const measured = [];
    for (const round of [1, 2, 3, 4, 5]) {
      await freeze();
      await desk.kill();
      await desk.start();
      await until('reachable again', async () => JSON.parse(await desk.cli('doctor', '--json')).hops[0].state === 'ok');
      await start(desk, 'sleep: 600', `Began in the pocket ${round}`);
      const before = Date.now();
      await thaw();
      await page.getByText(`Began in the pocket ${round}`).waitFor();
      measured.push(Date.now() - before);
      await connected(page).waitFor();
    }
    console.log(`# from the pocket to caught up: ${measured.join(', ')} ms`);
  });
});

test('a new page is offered, and taken by a tap or when nobody looks; draft, place and screen stay', { timeout: 300_000 }, async () => {
  await outThere(async ({ desk, front, context, page, origin }) => {
    await letIn(desk, page);
    await kept(page);
    const run = await start(desk, Array.from({ length: 120 }, (_, n) => `say: line ${n} of a long story`).join('\n'), 'Long');
    await page.goto(`${origin}/#/run/${run.id}`);
    await page.getByText('line 119 of a long story', { exact: true }).waitFor();
    await page.getByRole('textbox', { name: 'Message' }).fill('a draft, not sent yet');
    const timeline = page.getByRole('main', { name: 'Timeline' });
    const box = await timeline.boundingBox();
    const sight = () => page.evaluate(() => {
      const top = document.querySelector('main[aria-label=Timeline]').getBoundingClientRect().top;
      const item = [...document.querySelectorAll('.story .item')].find((one) => one.getBoundingClientRect().bottom > top + 4);
      return [item?.textContent.trim(), Math.round((item?.getBoundingClientRect().top ?? 0) - top)];
    });
    await page.mouse.move(box.x + 50, box.y + 50);
    await until('it is read further up', async () => {
      await page.mouse.wheel(0, -700);
      return /line [34]\d /.test((await sight())[0] ?? '');
    });
    await until('it rests', async () => {
      const [before] = [JSON.stringify(await sight())];
      await page.evaluate(() => new Promise((done) => setTimeout(done, 200)));
      return JSON.stringify(await sight()) === before;
    });
    const place = await sight();

    front.build = 'next';
    await lookForUpdate(page);
    await page.getByText('A new version of this page is here. What you typed stays.').waitFor();
    assert.equal(await buildOf(page), '', 'nothing was taken from under the hands');
    await look(page, 'new-version', [{ width: 390, height: 640 }]);
    await page.getByRole('button', { name: 'Load it' }).tap();
    await until('the new page is here', async () => (await buildOf(page).catch(() => null)) === 'next');
    await page.getByText('line 3', { exact: false }).first().waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), 'a draft, not sent yet');
    assert.equal(new URL(page.url()).hash, `#/run/${run.id}`);
    await until(`the place is the same: ${place}`, async () => {
      const now = await sight();
      return now[0] === place[0] && Math.abs(now[1] - place[1]) <= 2;
    });

    // What is typed where nothing keeps it is not thrown away.
    for (const label of ['One', 'Two', 'Three']) await start(desk, 'say: hello', label);
    await page.getByRole('link', { name: 'All runs' }).tap();
    await page.getByRole('link', { name: 'Runs', exact: true }).tap();
    await page.getByRole('searchbox', { name: 'Search' }).fill('looked for');
    front.build = 'third';
    await lookForUpdate(page);
    await page.getByRole('button', { name: 'Load it' }).tap();
    await page.getByText('What is open here is not kept').waitFor();
    await page.getByRole('button', { name: 'Later' }).tap();
    await page.getByRole('searchbox', { name: 'Search' }).fill('');

    // Put away, with nothing open: the next look finds the new one. It goes to the gateway as it did.
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await until('it was taken while nobody looked', async () => (await buildOf(page).catch(() => null)) === 'third');
    await connected(page).waitFor();
    assert.equal(new URL(page.url()).hash, '#/runs');
  });
});

test('a page and a gateway of different times say who is behind, go on where they can, and meet again', { timeout: 300_000 }, async () => {
  await outThere(async ({ desk, front, context, page, origin }) => {
    await letIn(desk, page);
    await kept(page);
    await start(desk, 'say: hello', 'A run');
    // What the gateway says of itself, as another build would. A page that was renewed knows it.
    await context.addInitScript(() => {
      const parse = JSON.parse;
      JSON.parse = (text, ...rest) => {
        const value = parse(text, ...rest);
        const said = parse(localStorage.getItem('test.gateway') ?? 'null');
        const renewed = document.querySelector('script[src*=".next."]');
        return said && !renewed && value?.type === 'snapshot' ? Object.assign(value, said) : value;
      };
    });
    const gateway = async (said) => {
      await page.evaluate((said) => localStorage.setItem('test.gateway', JSON.stringify(said)), said);
      await page.reload();
    };
    // The gateway is older: said, and everything goes on.
    await gateway({ version: 0, build: '0.0.9' });
    await page.getByText('Offdesk on the computer (0.0.9) is older than this page (0.1.0): update it there.').waitFor();
    await connected(page).waitFor();
    await look(page, 'gateway-older', [{ width: 320, height: 640 }]);
    await page.getByRole('button', { name: 'Close' }).tap();
    await page.getByText('A run').waitFor();
    await known(page, (known) => known.runs?.length === 1);
    // Too old, or too new: what was known is shown, nothing is green.
    await gateway({ version: -1, build: '0.0.1' });
    await page.getByText('Offdesk on the computer (0.0.1) is too old for this page: update it there.').waitFor();
    await notConnected(page).waitFor();
    await page.getByText('A run').waitFor();
    // An old page, and its address has nothing newer.
    await gateway({ version: 3, build: '9.0.0' });
    await page.getByText('This page is too old for Offdesk on the computer (9.0.0).').waitFor();
    await page.getByRole('button', { name: 'Load it' }).tap();
    await page.getByText('Its address has no newer one').waitFor();
    // The gateway serves its own page by now: a tap, and both understand each other.
    front.build = 'next';
    await page.reload();
    await page.getByRole('button', { name: 'Load it' }).tap();
    await until('the new page is here', async () => (await buildOf(page).catch(() => null)) === 'next');
    await connected(page).waitFor();
    await page.getByText('A run').waitFor();
    assert.equal(await page.getByRole('complementary', { name: 'This page' }).count(), 0);
  }, [320]);
});

test('two phones: one decides, the other is told who did; the number at the icon follows', { timeout: 300_000 }, async () => {
  await outThere(async ({ desk, phones }) => {
    const [small, wide] = phones;
    for (const { context } of phones) {
      await context.addInitScript(() => {
        window.badges = [];
        navigator.setAppBadge = async (count) => void window.badges.push(count);
        navigator.clearAppBadge = async () => void window.badges.push(0);
      });
    }
    const names = [];
    for (const { page } of phones) names.push(await letIn(desk, page));
    await desk.cli('devices', 'rename', names[0], 'Small phone');
    // A link is known by the name its device had when it was made.
    await small.page.reload();
    await connected(small.page).waitFor();
    await start(desk, 'run: echo hi > made.txt', 'Shared work');
    for (const { page } of phones) {
      await page.getByRole('region', { name: 'Needs you' }).waitFor();
      await until('one waits', () => page.evaluate(() => window.badges.at(-1) === 1));
    }
    await small.page.getByRole('button', { name: 'Allow', exact: true }).tap();
    await until('it ran', () => desk.file('made.txt') === 'hi\n');
    await wide.page.getByText(/Allowed by Small phone/).waitFor();
    await wide.page.getByRole('region', { name: 'Needs you' }).waitFor({ state: 'detached' });
    for (const { page } of phones) await until('none waits', () => page.evaluate(() => window.badges.at(-1) === 0));
    assert.equal(await small.page.getByText(/Allowed by Small phone/).count(), 0, 'who decided knows it');
  }, [320, 768]);
});
