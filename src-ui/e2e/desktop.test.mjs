// What a person does at the machine, in the app's windows, on the real gateway.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Edge } from '../../mobile-web/e2e/outside.mjs';
import { Desk, card, phone, until } from '../../mobile-web/e2e/story.mjs';
import { App } from './app.mjs';

async function journey(what, { args = [], env = {}, prepare = () => undefined } = {}) {
  const desk = new Desk(env, args);
  prepare(desk);
  await desk.start();
  const app = await new App(desk).start();
  try {
    await what({ desk, app });
    for (const { complaints } of app.windows) assert.deepEqual(complaints, []);
  } catch (error) {
    // It failed while the gateway was killed: what lives must be stopped all the same.
    if (desk.gateway.signalCode !== null) await desk.start();
    throw error;
  } finally {
    await app.close();
    await desk.close();
  }
}

const runs = async (desk) => JSON.parse(await desk.cli('ls', '--json'));
const given = (app, command) => app.given.filter((one) => one.command === command);
/** These keys close the window, maybe before they are let go. */
const closes = (page, keys) => Promise.all([page.waitForEvent('close'), page.keyboard.press(keys).catch(() => undefined)]);
/** How many words are written in green: more green in them than anything else. */
const greens = (page) => page.evaluate(() => [...document.querySelectorAll('.window *')].filter((element) => {
  const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const [red, green, blue] = getComputedStyle(element).color.match(/[\d.]+/g).map(Number);
  return own && element.checkVisibility() && !element.closest('button.primary') && green > red + 30 && green > blue + 20;
}).length);
const health = (page) => page.getByRole('navigation', { name: 'Offdesk' }).getByRole('status');

test('a run is started from the start bar and answered at home, by keys alone', async () => {
  await journey(async ({ desk, app }) => {
    const main = await app.window('index.html');
    await main.page.getByRole('heading', { name: 'Nothing is running yet' }).waitFor();
    const { page } = await app.window('start.html', { width: 680, height: 72 });
    const line = page.getByRole('combobox', { name: 'Start a run' });
    await line.waitFor();
    assert.equal(await line.evaluate((element) => element === document.activeElement), true, 'it can be typed into at once');
    await page.keyboard.type('/de');
    await page.getByRole('option', { name: /demo/ }).waitFor();
    assert.ok(page.viewportSize().height > 72, 'the bar grows for what it offers');
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: /^Agent: Demo agent/ }).waitFor();
    await page.keyboard.type('@work');
    await page.getByRole('option', { name: /workspace/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Folder: .*workspace/ }).waitFor();
    await page.keyboard.type('run: echo hi > made.txt');
    await closes(page, 'Enter');

    const row = main.page.getByRole('region', { name: 'Needs you' }).getByRole('link');
    await row.waitFor();
    assert.match(await row.innerText(), /echo hi > made\.txt/, 'the reason is in the row');
    await main.page.getByRole('combobox', { name: 'Start a run' }).focus();
    await row.press('ArrowDown');
    await row.focus();
    await main.page.keyboard.press('Enter');
    await card(main.page).getByText('echo hi > made.txt').waitFor();
    assert.equal(desk.file('made.txt'), '', 'nothing runs before it is allowed');
    // On a wide window the list stays beside the run.
    await row.waitFor();
    const allow = card(main.page).getByRole('button', { name: 'Allow', exact: true });
    await until('it was seen to its end', () => allow.isEnabled());
    await allow.press('Enter');
    await until('the command ran', () => desk.file('made.txt') === 'hi\n');
    await main.page.getByText(/^Allowed by .* done$/).waitFor();
    await main.page.getByRole('heading', { name: /echo hi/ }).click();
    await main.page.keyboard.press('Escape');
    await main.page.getByRole('combobox', { name: 'Start a run' }).waitFor();
    await until('home again', async () => (await main.page.evaluate(() => location.hash)) === '#/');
  });
});

test('a draft outlives its bar, and what cannot be started says why and starts once', async () => {
  await journey(async ({ desk, app }) => {
    const bar = async () => (await app.window('start.html', { width: 680, height: 72 })).page;
    let page = await bar();
    await page.getByRole('button', { name: /^Folder: .*workspace/ }).waitFor();
    await page.keyboard.type('/demo say: kept');
    await closes(page, 'Escape');
    assert.deepEqual(await runs(desk), [], 'Esc starts nothing');
    page = await bar();
    const line = page.getByRole('combobox', { name: 'Start a run' });
    await page.getByRole('button', { name: /^Agent: Demo agent/ }).waitFor();
    assert.equal(await line.inputValue(), '/demo say: kept');

    await desk.kill();
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'What you typed is kept' }).waitFor();
    assert.equal(await line.inputValue(), '/demo say: kept');
    await desk.start();
    await closes(page, 'Shift+Enter');
    const [run, ...more] = await runs(desk);
    assert.deepEqual(more, []);
    assert.equal(run.label, 'say: kept');
    assert.deepEqual(given(app, 'show').map((one) => one.args.place), [`/run/${run.id}`], 'Shift+Enter opens it');
  });
});

test('the start bar is there before anybody has answered', async () => {
  await journey(async ({ desk, app }) => {
    const first = await app.window('start.html', { width: 680, height: 72 });
    await first.page.getByRole('button', { name: /^Folder: .*workspace/ }).waitFor();
    await first.page.keyboard.type('/demo say: hi');
    await closes(first.page, 'Enter');
    // From now on nobody answers.
    const carry = app.ask.bind(app);
    let answer;
    const silence = new Promise((done) => (answer = done));
    app.ask = (what) => silence.then(() => carry(what));
    const { page } = await app.window('start.html', { width: 680, height: 72 });
    await page.getByRole('button', { name: /^Agent: demo/ }).waitFor();
    await page.getByRole('button', { name: /^Folder: .*workspace/ }).waitFor();
    await page.keyboard.type('say: again');
    assert.equal(await page.getByRole('combobox', { name: 'Start a run' }).inputValue(), 'say: again');
    const code = await page.evaluate(() => performance.getEntriesByType('resource').reduce((sum, one) => sum + one.decodedBodySize, 0));
    // Its own code, and the words of one language (51 kB).
    assert.ok(code < 180_000, `${code} bytes are a small window's`);
    assert.equal((await runs(desk)).length, 1);
    // It was typed while nobody answered, and starts when somebody does.
    const closed = closes(page, 'Enter');
    answer();
    await closed;
    assert.equal((await runs(desk)).length, 2);
  });
});

test('the first steps lead through a demo run with a question', async () => {
  await journey(async ({ desk, app }) => {
    const { page } = await app.window('index.html', { width: 480, height: 640 });
    await page.getByRole('button', { name: 'Start a demo run' }).click();
    await card(page).getByText('Hello from Offdesk').waitFor();
    await card(page).getByRole('button', { name: 'Allow', exact: true }).click();
    await card(page).getByText('Which colour do you like?').waitFor();
    await card(page).getByRole('textbox').fill('green');
    await card(page).getByRole('button', { name: 'Answer' }).click();
    await until('the run is idle', async () => (await runs(desk))[0]?.state === 'idle');
    // On a narrow window the run has it for itself.
    await page.getByRole('link', { name: 'All runs' }).click();
    await page.getByRole('region', { name: 'Idle' }).getByRole('link').waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wide, false, 'nothing is hidden to the side');
  });
});

test('what ended unseen is told apart until somebody has looked', async () => {
  await journey(async ({ desk, app }) => {
    const { page } = await app.window('index.html');
    await page.getByRole('heading', { name: 'Nothing is running yet' }).waitFor();
    await desk.cli('run', '--agent', 'demo', '--dir', desk.workspace, '--detach', 'crash');
    const news = page.getByRole('region', { name: 'Ended since you looked' }).getByRole('link');
    await news.click();
    await page.getByRole('log').getByText(/Ended/).waitFor();
    await page.getByRole('region', { name: 'Over' }).getByRole('link').waitFor();
    await page.reload();
    await page.getByRole('region', { name: 'Over' }).getByRole('link').waitFor();
  });
});

test('a killed gateway is said, nothing is green, and everything is there when it is back', async () => {
  await journey(async ({ desk, app }) => {
    const { page } = await app.window('index.html');
    await page.getByRole('combobox', { name: 'Start a run' }).fill('/demo run: echo one > one.txt');
    await page.getByRole('button', { name: /^Agent: Demo agent/ }).waitFor();
    await page.getByRole('combobox', { name: 'Start a run' }).press('Enter');
    await card(page).getByText('echo one > one.txt').waitFor();
    await page.locator('.pulse.good').waitFor();
    await desk.cli('run', '--agent', 'demo', '--dir', desk.workspace, '--detach', 'sleep: 600');
    await page.getByRole('region', { name: 'Working' }).getByRole('link').waitFor();
    assert.notEqual(await greens(page), 0, 'what works is green');

    await desk.kill();
    app.gatewayIs({ state: 'down', sentence: 'Offdesk’s gateway has ended by itself.', fix: 'Try again, or copy the diagnostics.', log: ['error: \u202ethe disk is full'] });
    await page.getByRole('region', { name: 'The gateway on this machine' }).getByText('has ended by itself').waitFor();
    await page.getByText('As it was when the gateway was last heard.').waitFor();
    assert.equal(await greens(page), 0, 'nothing is green');
    await page.keyboard.press('Control+4');
    await page.getByText('Not known while the gateway does not answer.').first().waitFor();
    assert.equal(await page.getByText('Phones in this network reach it').count(), 0, 'what was is not said as if it were');
    await page.goBack();
    assert.match(await health(page).innerText(), /down/);
    await page.getByText('What it said last').click();
    await page.getByText('⟨U+202E⟩the disk is full').waitFor();
    // Decided while it is away: it waits, and is not lost.
    await card(page).getByRole('button', { name: 'Allow', exact: true }).click();
    await page.getByText('goes out, once, when the gateway is back').first().waitFor();
    assert.equal(desk.file('one.txt'), '');

    // A window that is opened now shows the same.
    const { page: other } = await app.window('index.html');
    await other.getByText('As it was when the gateway was last heard.').waitFor();
    await other.getByRole('region', { name: 'Needs you' }).getByRole('link', { name: /echo one/ }).waitFor();
    await other.close();

    await page.getByRole('region', { name: 'The gateway on this machine' }).getByRole('button', { name: 'Try again' }).click();
    await until('it ran', () => desk.file('one.txt') === 'one\n');
    await page.locator('.pulse.good').waitFor();
    await page.getByRole('region', { name: 'The gateway on this machine' }).waitFor({ state: 'detached' });
  }, { args: ['--lan', '127.0.0.1:0'] });
});

test('a phone in the network is let in by a code and six digits', async () => {
  await journey(async ({ desk, app }) => {
    const { page } = await app.window('index.html');
    await page.keyboard.press('Control+3');
    await page.getByRole('heading', { name: 'Connect a phone' }).waitFor();
    assert.equal(await page.getByRole('img', { name: 'Pairing code' }).count(), 0, 'no code before a way is chosen');
    await page.getByRole('radio', { name: /On my network/ }).click();
    const picture = page.getByRole('img', { name: 'Pairing code' });
    await picture.waitFor();
    const { width } = await picture.boundingBox();
    assert.ok(width >= 320, `the code is ${width} wide`);
    await page.getByText(/^([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$/).waitFor();
    await page.getByRole('button', { name: 'Copy the address' }).click();
    await until('the address was copied', () => given(app, 'copy').length > 0);

    const hand = await phone(['--ignore-certificate-errors']);
    try {
      await hand.page.goto(given(app, 'copy')[0].args.text);
      await hand.page.getByRole('heading', { name: 'Almost there' }).waitFor();
      const digits = (await hand.page.locator('.digits').innerText()).replace(/\s/g, '');
      await page.getByText(`${digits.slice(0, 3)} ${digits.slice(3)}`).waitFor();
      await page.getByRole('button', { name: 'Yes, it is mine' }).click();
      await page.getByRole('heading', { name: /is in$/ }).waitFor();
      await page.getByText('can’t put Offdesk on the home screen').waitFor();
      await hand.page.getByRole('heading', { name: 'Now' }).waitFor();
      // It is listed, and cut off at once.
      await page.getByRole('link', { name: 'See who has access' }).click();
      await page.getByText('Connected in this network').waitFor();
      await page.getByRole('button', { name: /^Take access away from/ }).click();
      await page.getByRole('button', { name: 'Cut it off now' }).click();
      await hand.page.getByRole('heading', { name: 'No access any more' }).waitFor();
    } finally {
      await hand.browser.close();
    }
  }, { args: ['--lan', '127.0.0.1:0'] });
});

test('a terminal takes keys, Esc too', async () => {
  await journey(async ({ desk, app }) => {
    const { page } = await app.window('index.html#/new');
    await page.getByRole('button', { name: 'Hands-on terminal' }).click();
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('group', { name: 'Terminal' }).locator('textarea').waitFor({ state: 'attached' });
    await until('it has the keys', () => page.evaluate(() => document.activeElement?.closest('.xterm') !== null));
    await page.keyboard.type('echo typed-$((40+2)) > typed.txt\n');
    await until('it was typed', () => desk.file('typed.txt') === 'typed-42\n');
    await page.keyboard.press('Escape');
    assert.match(await page.evaluate(() => location.hash), /^#\/run\//, 'Esc belongs to the program');
    // Copied with Shift: without it the key is the program's.
    await app.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.keyboard.press('Enter');
    await page.keyboard.type('echo copy$((1))me\n');
    const line = page.locator('.xterm-rows > div').filter({ hasText: /^copy1me/ });
    await line.waitFor();
    const { x, y } = await line.boundingBox();
    await page.mouse.dblclick(x + 20, y + 6);
    await page.keyboard.press('Control+Shift+C');
    await until('it was copied', async () => (await page.evaluate(() => navigator.clipboard.readText())) === 'copy1me');
  });
});

test('quitting says what becomes of the runs', async () => {
  await journey(async ({ desk, app }) => {
    await desk.cli('run', '--agent', 'demo', '--dir', desk.workspace, '--detach', 'run: echo hi');
    await until('it waits', async () => (await runs(desk))[0]?.state === 'waiting');
    const { page } = await app.window('quit.html', { width: 460, height: 300 });
    await page.getByText('One run lives: 1 needs you.').waitFor();
    await page.getByText('A restart of the computer ends them').waitFor();
    const fits = await page.evaluate(() => document.querySelector('main').scrollHeight <= innerHeight);
    assert.equal(fits, true, 'the dialog holds all of it');
    await page.getByRole('checkbox', { name: 'Do this each time' }).check();
    await page.getByRole('button', { name: 'Keep them running in the background' }).click();
    await until('it was said', () => given(app, 'quit').length > 0);
    assert.deepEqual(given(app, 'quit')[0].args, { runs: 'keep', remember: true });
  });
});

test('a change of the app holds at once, and one that is refused shows the old value and why', async () => {
  await journey(async ({ app }) => {
    const { page } = await app.window('index.html#/settings');
    await page.getByRole('combobox', { name: 'Appearance' }).selectOption('dark');
    await until('the window is dark', () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme === 'dark'));
    const keys = page.getByRole('button', { name: 'Shortcut for the start bar' });
    await keys.click();
    await page.keyboard.press('k');
    await page.getByRole('status').filter({ hasText: 'would be taken from everything you type' }).waitFor({ state: 'attached' });
    await page.keyboard.press('Control+Alt+t');
    await page.getByText('Another program has these keys. Choose others.').waitFor();
    assert.equal((await keys.innerText()).trim(), 'Ctrl + Shift + Space');
    await keys.click();
    await page.keyboard.press('Control+Alt+o');
    await until('it was kept', async () => (await keys.innerText()).trim() === 'Ctrl + Alt + O');
    assert.equal(app.state.settings.shortcut, 'CommandOrControl+Alt+O');
  });
});

test('choosing a way switches it on, and a code comes only when it was tried', async () => {
  const edge = await new Edge().start();
  try {
    await journey(async ({ app }) => {
      const { page } = await app.window('index.html#/connect');
      const anywhere = page.getByRole('radio', { name: /From anywhere/ });
      await anywhere.getByText('Not reachable from outside.').waitFor();
      await anywhere.click();
      await page.getByRole('img', { name: 'Pairing code' }).waitFor({ timeout: 60_000 });
      await anywhere.getByText(/this machine has just tried it/).waitFor();
      await page.getByText('through the tunnel · one phone').waitFor();

      // The line breaks: no code is shown for a way that does not work.
      await edge.say('down');
      await page.getByRole('img', { name: 'Pairing code' }).waitFor({ state: 'detached', timeout: 60_000 });
      await page.locator('.pulse.good').waitFor({ state: 'detached' });
      await edge.say('up');
      await page.getByRole('img', { name: 'Pairing code' }).waitFor({ timeout: 60_000 });

      // Paused: nothing comes in, and the way on is a button.
      await page.keyboard.press('Control+4');
      await page.getByRole('switch', { name: 'Pause remote access' }).check();
      await page.getByText('✓ Kept').waitFor();
      await page.keyboard.press('Control+3');
      await anywhere.getByText('Remote access is paused').waitFor();
      await anywhere.click();
      await page.getByRole('button', { name: 'Resume remote access' }).click();
      await page.getByRole('img', { name: 'Pairing code' }).waitFor({ timeout: 60_000 });
    }, { env: edge.env, args: ['--cloudflared', process.env.OFFDESK_CLOUDFLARED] });
  } finally {
    edge.close();
  }
});

test('what the gateway is set to changes at once, and a refusal brings the old value back', async () => {
  await journey(async ({ desk, app }) => {
    const { page } = await app.window('index.html#/settings');
    const roots = page.getByRole('list', { name: 'Folders in which runs may work' }).getByRole('listitem');
    await roots.first().waitFor();
    assert.equal(await roots.getByRole('button').first().isDisabled(), true, 'the last root stays');
    const add = page.getByRole('combobox', { name: 'Add a folder' });
    await add.fill('/no/such/folder');
    await add.press('Enter');
    await page.getByRole('alert').filter({ hasText: '/no/such/folder' }).waitFor();
    assert.equal(await roots.count(), 1);
    await add.fill(desk.workspace);
    await add.press('Enter');
    await until('it was added', async () => (await roots.count()) === 2);
    await page.getByRole('button', { name: `Remove ${desk.workspace}`, exact: true }).click();
    await until('it was removed', async () => (await roots.count()) === 1);

    const most = page.getByRole('spinbutton', { name: 'Most runs at once' });
    const before = await most.inputValue();
    await most.fill('0');
    await most.press('Enter');
    await until('the old value is back', async () => (await most.inputValue()) === before);
    await page.getByRole('alert').filter({ hasText: /run/i }).waitFor();
    await most.fill('2');
    await most.press('Enter');
    await page.getByText('✓ Kept').first().waitFor();
    await page.reload();
    await until('it was kept', async () => (await most.inputValue()) === '2');
    assert.equal(await page.getByRole('switch', { name: 'On my network' }).isDisabled(), true, 'what the command line fixed can not be changed');
    await page.getByText('The command line fixed this for this start.').first().waitFor();
  }, { args: ['--lan', '127.0.0.1:0'], prepare: (desk) => (desk.roots = []) });
});

test('a token of a named tunnel is sent and never shown again', async () => {
  await journey(async ({ app }) => {
    const { page } = await app.window('index.html#/settings');
    await page.locator('summary').filter({ hasText: 'Named tunnel' }).click();
    const form = page.getByRole('form', { name: 'Named tunnel' });
    await form.getByRole('textbox', { name: 'Address' }).fill('https://desk.example.org');
    const token = form.getByLabel('Token');
    await token.fill('not a token');
    await form.getByRole('button', { name: 'Use a named tunnel' }).click();
    await Promise.race([form.getByRole('alert').waitFor(), form.getByText('Kept.').waitFor()]);
    const secret = Buffer.from(JSON.stringify({ a: 'account', t: '0f4a5ee4-0000-4000-8000-000000000000', s: Buffer.from('secret').toString('base64') })).toString('base64');
    await token.fill(secret);
    await form.getByRole('button', { name: /^Use / }).click();
    await form.getByRole('button', { name: 'Forget the token' }).waitFor();
    assert.equal(await token.inputValue(), '');
    assert.equal((await page.content()).includes(secret), false);
  }, { args: ['--cloudflared', process.env.OFFDESK_CLOUDFLARED] });
});
