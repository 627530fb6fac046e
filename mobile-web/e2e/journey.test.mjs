// What a person does with a phone, on the real gateway.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atHome, card, model, startRun, until } from './story.mjs';

/** Asked, read, allowed; killed and back without a reload; asked again, allowed once. */
async function approveThroughAKill(desk, page, agent, first, second) {
  const allow = card(page).getByRole('button', { name: 'Allow', exact: true });
  await card(page).getByText('echo hi > made.txt').waitFor();
  assert.equal(desk.file('made.txt'), '', 'nothing runs before it is allowed');
  await allow.tap();
  await until('the command ran', () => desk.file('made.txt') === 'hi\n');
  await page.getByText(/^Allowed by .* done$/).first().waitFor();

  if (second) {
    await page.getByRole('status').filter({ hasText: 'Working' }).waitFor({ state: 'detached' });
    await page.getByRole('textbox', { name: 'Message' }).fill(second);
    await page.getByRole('button', { name: 'Send' }).tap();
  }
  await card(page).getByText('echo two >> two.txt').waitFor();
  const before = JSON.parse(await desk.cli('ls', '--json'))[0];
  await desk.kill();
  await page.getByRole('status').filter({ hasText: /Not connected/ }).waitFor();
  // Decided while the gateway is away: it waits for the gateway, and is not lost.
  await allow.tap();
  await desk.start();
  await page.getByRole('status').filter({ hasText: /Connected/ }).waitFor();
  await until('the second command ran', () => desk.file('two.txt') === 'two\n');
  await card(page).waitFor({ state: 'detached' });
  await page.getByText(/^○ idle$/).waitFor();
  const after = JSON.parse(await desk.cli('ls', '--json'))[0];
  assert.equal(after.pid, before.pid, `${agent} kept its process`);
  assert.equal(desk.file('two.txt'), 'two\n');
}

test('the demo agent asks, is allowed, and survives its gateway', async () => {
  await atHome(async ({ desk, page }) => {
    assert.equal(new URL(page.url()).hash, '', 'the code does not stay in the address');
    await startRun(page, 'Demo agent', 'say: hello from the demo\nrun: echo hi > made.txt\nrun: echo two >> two.txt');
    await page.getByText('hello from the demo', { exact: true }).waitFor();
    await approveThroughAKill(desk, page, 'the demo agent', null, null);
  });
});

test('the real Claude Code asks, is allowed, and survives its gateway', async () => {
  const service = await model();
  try {
    await atHome(async ({ desk, page }) => {
      await startRun(page, 'Claude Code', "[[bash cmd='echo hi > made.txt']]");
      await page.getByText('I will run a command.').first().waitFor();
      await approveThroughAKill(desk, page, 'Claude', null, "[[bash cmd='echo two >> two.txt']]");
    }, { env: service.env });
  } finally {
    service.close();
  }
});

test('questions are answered, edits show their diff, denials carry words', async () => {
  await atHome(async ({ desk, page }) => {
    await startRun(page, 'Demo agent', 'ask: Which colour?\nedit: notes.md\nrun: echo no > no.txt');
    await card(page).getByText('Which colour?').waitFor();
    await card(page).getByRole('textbox').fill('green');
    await card(page).getByRole('button', { name: 'Answer' }).tap();

    await card(page).getByText('Edited by the Offdesk demo agent.').waitFor();
    assert.equal(desk.file('notes.md'), '');
    await card(page).getByRole('button', { name: 'Allow', exact: true }).tap();
    await until('the file is there', () => desk.file('notes.md').includes('Edited by'));

    await card(page).getByText('echo no > no.txt').waitFor();
    // The composer is open while something waits.
    await page.getByRole('textbox', { name: 'Message' }).fill('say: this was asked meanwhile');
    await page.getByRole('button', { name: 'Send' }).tap();
    await card(page).getByRole('button', { name: 'Deny and say' }).tap();
    await page.getByRole('textbox', { name: 'Words for the agent' }).fill('not today');
    await page.getByRole('button', { name: 'Deny with these words' }).tap();
    await page.getByText('Denied by').waitFor();
    assert.equal(desk.file('no.txt'), '');
    await page.getByText('this was asked meanwhile', { exact: true }).waitFor();
  });
});

test('a long request must be read to its end before it can be allowed', async () => {
  await atHome(async ({ desk, page }) => {
    const long = `echo start ${'x'.repeat(9_000)} \u202e end`;
    await page.setViewportSize({ width: 320, height: 640 });
    await startRun(page, 'Demo agent', `run: ${long}`);
    const waiting = card(page);
    const allow = waiting.getByRole('button', { name: 'Allow', exact: true });
    await waiting.getByText('⟨U+202E⟩').waitFor();
    const request = waiting.getByRole('group', { name: 'Request' });
    assert.equal(await allow.isDisabled(), true, 'its end was not seen yet');
    const { y, height } = await allow.boundingBox();
    assert.ok(y + height <= 640, 'the buttons are on the screen however long the request is');
    await request.evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    assert.equal(await allow.isDisabled(), true, 'half of it is not all of it');
    await request.evaluate((element) => (element.scrollTop = element.scrollHeight));
    await until('it was seen to its end', () => allow.isEnabled());
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(wide, false, 'nothing is hidden to the side');
  });
});

test('a change of many lines is readable to its last before it can be allowed', async () => {
  await atHome(async ({ desk, page }) => {
    await page.setViewportSize({ width: 320, height: 568 });
    const line = 'a word and another '.repeat(3_500);
    desk.write('big.txt', `${line}\n`.repeat(3));
    await startRun(page, 'Demo agent', 'edit: big.txt');
    const waiting = card(page);
    const allow = waiting.getByRole('button', { name: 'Allow', exact: true });
    const request = waiting.getByRole('group', { name: 'Request' });
    await waiting.getByText('big.txt', { exact: true }).waitFor();
    assert.equal(await allow.isDisabled(), true, 'its end was not seen yet');
    const shown = await request.evaluate((element) => element.textContent.length);
    assert.ok(shown > 3 * line.length, `all of it is there, not ${shown} characters`);
    await until('it was seen to its end', async () => {
      await request.evaluate((element) => (element.scrollTop = element.scrollHeight));
      return allow.isEnabled();
    });
    const box = await request.boundingBox();
    const last = await waiting.getByText('Edited by the Offdesk demo agent.').boundingBox();
    assert.ok(last.y >= box.y && last.y + last.height <= box.y + box.height, 'its last line is in sight');
    await allow.tap();
    await until('the file was changed', () => desk.file('big.txt').includes('Edited by'));
  });
});

test('a terminal takes what is typed', async () => {
  await atHome(async ({ desk, page }) => {
    await startRun(page, 'Hands-on terminal', '');
    const line = page.getByRole('textbox', { name: 'Line to type' });
    await line.fill('echo typed-$((40+2)) > typed.txt');
    await page.getByRole('button', { name: 'Enter' }).tap();
    await until('it was typed', () => desk.file('typed.txt') === 'typed-42\n');
    await line.fill('cat');
    await page.getByRole('button', { name: 'Enter' }).tap();
    await page.getByRole('button', { name: '^C' }).tap();
    await line.fill('echo back > back.txt');
    await page.getByRole('button', { name: 'Enter' }).tap();
    await until('the interrupt worked', () => desk.file('back.txt') === 'back\n');
  });
});

test('a spent address lets nobody in, and a new one does, in the same tab', async () => {
  await atHome(async ({ desk, page }) => {
    const other = await page.context().browser().newContext();
    const stranger = await other.newPage();
    await stranger.goto(desk.loginUrl);
    await stranger.getByRole('heading', { name: 'This page needs a new address' }).waitFor();
    await stranger.getByText('was used before').waitFor();
    const offer = JSON.parse(await desk.cli('pair', '--json'));
    // Opened in the same tab: only the fragment changes, and the page is not loaded again.
    await stranger.goto(offer.loginUrl);
    await stranger.getByRole('heading', { name: 'Now' }).waitFor();
    assert.equal(new URL(stranger.url()).hash, '', 'the code does not stay in the address');
    // The key stays with the browser: the plain address is enough from now on.
    await stranger.goto('about:blank');
    await stranger.goto(desk.url);
    await stranger.getByRole('heading', { name: 'Now' }).waitFor();
    // And goes when it is taken away.
    const { devices } = JSON.parse(await desk.cli('devices', '--json'));
    for (const device of devices) await desk.cli('devices', 'revoke', device.id);
    await stranger.getByRole('heading', { name: 'No access any more' }).waitFor();
  });
});
