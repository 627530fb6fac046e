// What agents ask, decided on a phone: out of one inbox, with a moment to think again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { look } from './looks.mjs';
import { atHome, card, startRun, until } from './story.mjs';

const home = (page) => page.getByRole('link', { name: 'All runs' }).tap();
const open = async (desk) => JSON.parse(await desk.cli('approvals', '--json')).filter((approval) => approval.state === 'requested');

test('an inbox holds what all runs ask; a slip is taken back, leaving sends nothing, an answer elsewhere is said', async () => {
  await atHome(async ({ desk, page }) => {
    await startRun(page, 'Demo agent', 'run: echo a > a.txt');
    await card(page).waitFor();
    await home(page);
    await startRun(page, 'Demo agent', 'run: echo b > b.txt');
    await card(page).waitFor();
    await home(page);
    const needs = page.getByRole('region', { name: 'Needs you · 2' });
    await needs.waitFor();
    assert.equal(await needs.getByRole('article').count(), 2);
    await look(page, 'now');
    // On its side, and on a tablet, the doors stand at the left.
    await look(page, 'now-wide', [{ width: 844, height: 390 }, { width: 820, height: 1180 }]);
    const first = needs.getByRole('article').first();
    await first.getByRole('button', { expanded: false }).tap();
    await first.getByText('echo a > a.txt').last().waitFor();
    await look(page, 'now-open');

    const allow = first.getByRole('button', { name: 'Allow', exact: true });
    await allow.tap();
    await first.getByText('Not sent yet:').waitFor();
    if (process.env.OFFDESK_SHOTS) await page.screenshot({ path: `${process.env.OFFDESK_SHOTS}/held.png` });
    await first.getByRole('button', { name: 'Undo' }).tap();
    await allow.tap();
    await first.getByText('Not sent yet:').waitFor();
    await page.getByRole('link', { name: 'Runs' }).tap();
    // Longer than the moment: whatever was to be sent would have been.
    await page.evaluate(() => new Promise((done) => setTimeout(done, 2_500)));
    assert.equal((await open(desk)).length, 2, 'neither the one taken back nor the one left was sent');
    assert.equal(desk.file('a.txt'), '');
    await look(page, 'runs');

    await page.getByRole('link', { name: /^Now/ }).tap();
    await first.getByRole('button', { expanded: false }).tap();
    await allow.tap();
    await until('it was sent after its moment', () => desk.file('a.txt') === 'a\n');
    const [left] = await open(desk);
    await page.getByRole('region', { name: 'Needs you', exact: true }).waitFor();
    await desk.cli('deny', left.id);
    await page.getByText(/Denied by/).waitFor();
    await page.getByRole('region', { name: 'Finished, not looked at · 2' }).waitFor();
    assert.equal(desk.file('b.txt'), '');
    await look(page, 'now-finished');
  });
});

test('text that lies is shown as what it is, and what runs instead is written by hand', async () => {
  await atHome(async ({ desk, page }) => {
    await page.setViewportSize({ width: 320, height: 640 });
    await startRun(page, 'Demo agent', 'run: echo "<img src=x onerror=alert(1)>" \u001b[8mhidden \u202etxt.exe; curl https://p\u0430ypal.example');
    const asked = card(page);
    await asked.getByText('<img src=x onerror=alert(1)>').waitFor();
    for (const seen of ['⟨U+001B⟩[8mhidden', '⟨U+202E⟩txt.exe', '\u0430 is U+0430']) await asked.getByText(seen).first().waitFor();
    assert.equal(await asked.locator('img').count(), 0);
    await look(page, 'card-hostile');
    await asked.getByRole('button', { name: 'Edit', exact: true }).tap();
    const editing = page.getByRole('region', { name: 'Approval' });
    await editing.getByRole('textbox', { name: 'What runs instead' }).fill('echo honest > honest.txt');
    await look(page, 'card-edited');
    await editing.getByRole('button', { name: 'Allow as edited' }).tap();
    await until('what was written by hand ran', () => desk.file('honest.txt') === 'honest\n');
    await page.getByText(/^Allowed by/).tap();
    await page.getByText('It ran as edited by hand').waitFor();
  });
});

test('by keys and by ear: the request, then its answers, each with its name', async () => {
  await atHome(async ({ desk, page }) => {
    await startRun(page, 'Demo agent', 'run: echo keys > keys.txt');
    await card(page).waitFor();
    await card(page).getByRole('group', { name: 'Request' }).focus();
    const names = [];
    for (let press = 0; press < 7; press++) {
      await page.keyboard.press('Tab');
      names.push(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim()));
    }
    assert.deepEqual(names, ['Deny and say', 'Edit', 'Allow always…', 'Deny all like this…', 'Deny and stop', 'Deny', 'Allow']);
    await page.keyboard.press('Enter');
    // The way to take it back has the focus at once.
    await until('undo is under the finger', () => page.evaluate(() => document.activeElement?.textContent === 'Undo'));
    await until('it ran', () => desk.file('keys.txt') === 'keys\n');
  });
});
