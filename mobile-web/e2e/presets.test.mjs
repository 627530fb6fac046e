// Starting a run in few taps: by what was used last, and by a preset that all devices have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { look } from './looks.mjs';
import { atHome } from './story.mjs';

/** Counts what a thumb does on the page. */
const countTaps = (page) => page.addInitScript(() => {
  window.taps = 0;
  document.addEventListener('pointerdown', () => (window.taps += 1), true);
});
const taps = (page) => page.evaluate(() => window.taps);
const forget = (page) => page.evaluate(() => (window.taps = 0));

test('a run takes three taps, a preset is kept once and there on every device, and the command line has it', async () => {
  await atHome(async ({ desk, page, browser }) => {

    // Where and with what is known from before: say it, and start.
    await forget(page);
    await page.getByRole('link', { name: 'New run' }).tap();
    assert.equal(await page.getByRole('group', { name: 'Presets' }).count(), 0, 'nothing is shown where there is none');
    await page.getByRole('button', { name: 'Demo agent' }).tap();
    await page.getByRole('textbox', { name: 'Prompt' }).fill('say: tidied up');
    await page.getByRole('button', { name: 'Start' }).tap();
    await page.getByText('tidied up', { exact: true }).waitFor();
    assert.equal(await taps(page), 3, 'New, the agent, Start');

    await page.goto(`${desk.url}/#/new`);
    await page.getByRole('button', { name: 'Demo agent' }).tap();
    await page.getByRole('textbox', { name: 'Prompt' }).fill('say: checked');
    await page.getByRole('button', { name: 'Keep as preset…' }).tap();
    const name = page.getByRole('textbox', { name: 'Name of the preset' });
    assert.equal(await name.inputValue(), 'say: checked');
    await name.fill('Check');
    await look(page, 'new-preset-keep');
    await page.getByRole('button', { name: 'Keep', exact: true }).tap();
    const presets = page.getByRole('group', { name: 'Presets' });
    await presets.getByRole('button', { name: /^Check/ }).and(page.locator('[aria-pressed=true]')).waitFor();
    await page.getByRole('textbox', { name: 'Prompt' }).fill('');

    // Another phone has it as well.
    const other = await (await browser.newContext({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true })).newPage();
    await countTaps(other);
    await other.goto(JSON.parse(await desk.cli('pair', '--json')).loginUrl);
    await other.getByRole('heading', { name: 'Now' }).waitFor();
    await forget(other);
    await other.getByRole('link', { name: 'New run' }).tap();
    await other.getByRole('group', { name: 'Presets' }).getByRole('button', { name: /^Check/ }).tap();
    assert.equal(await other.getByRole('textbox', { name: 'Prompt' }).inputValue(), 'say: checked');
    await other.getByRole('button', { name: 'Start' }).tap();
    await other.getByText('checked', { exact: true }).waitFor();
    assert.equal(await taps(other), 3, 'New, the preset, Start');

    // Changed, it is the same one; the command line starts by its name.
    await presets.getByRole('button', { name: /^Check/ }).tap();
    await page.getByRole('textbox', { name: 'Prompt' }).fill('say: twice');
    await page.getByText('In a fresh git worktree').tap();
    await page.getByRole('button', { name: 'Keep changes…' }).tap();
    await page.getByRole('button', { name: 'Change “Check”' }).tap();
    await presets.getByRole('button', { name: /worktree/ }).waitFor();
    await presets.scrollIntoViewIfNeeded();
    await look(page, 'new-presets');
    const [kept] = JSON.parse(await desk.cli('presets', '--json'));
    assert.deepEqual([kept.name, kept.agent, kept.dir, kept.prompt, !!kept.worktree], ['Check', 'demo', desk.workspace, 'say: twice', true]);

    await page.getByRole('button', { name: 'Remove preset…' }).tap();
    await look(page, 'new-preset-remove');
    await page.getByRole('button', { name: 'Remove', exact: true }).tap();
    await presets.waitFor({ state: 'detached' });
    assert.equal((await desk.cli('presets', '--json')).trim(), '[]');
  }, { prepare: ({ page }) => countTaps(page) });
});
