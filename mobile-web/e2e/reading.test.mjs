// A long story on a phone: light to open, looked through, left and found again as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { look } from './looks.mjs';
import { atHome, card, startRun, until } from './story.mjs';

test('a long run opens at its end, is read back to its beginning, and is looked through', async () => {
  await atHome(async ({ page }) => {
    const WORDS = 600;
    const lines = Array.from({ length: WORDS }, (_, n) => `say: word ${n} of many`);
    await startRun(page, 'Demo agent', ['say: the very beginning', 'run: echo out; echo went wrong >&2; false', ...lines, 'say: the very end'].join('\n'));
    await card(page).getByRole('button', { name: 'Allow', exact: true }).tap();
    const story = page.getByRole('log', { name: 'Story' });
    await story.getByText('the very end', { exact: true }).waitFor({ timeout: 120_000 });
    await page.getByText(/^○ idle$/).waitFor();
    const drawn = await story.locator('.item').count();
    assert.ok(drawn < 120, `${drawn} items are drawn, not ${WORDS}`);
    // Loaded anew, it opens at its end.
    await page.reload();
    await story.getByText('the very end', { exact: true }).waitFor();
    await look(page, 'long');

    await page.getByRole('button', { name: 'More' }).tap();
    await page.getByRole('button', { name: 'Find in this run…' }).tap();
    await page.getByRole('searchbox', { name: 'Find in this run' }).fill('word 17 of');
    await page.getByRole('status').filter({ hasText: '2 found' }).waitFor();
    await page.getByRole('button', { name: 'Earlier one' }).tap();
    await story.getByText('word 17 of many', { exact: true }).waitFor();
    await look(page, 'find');
    await page.getByRole('button', { name: 'Errors', exact: true }).tap();
    await page.getByRole('button', { name: 'Earlier one' }).tap();
    await story.getByText('went wrong').first().waitFor();
    await page.getByRole('button', { name: 'Close the search' }).tap();
    await page.getByRole('main', { name: 'Timeline' }).evaluate((element) => (element.scrollTop = 0));
    await story.getByText('the very beginning', { exact: true }).waitFor();

    // What was turned by hand is so again after it was out of sight.
    const tool = story.locator('details.tool').first();
    await tool.locator('summary').tap();
    await until('it is folded', () => tool.evaluate((element) => !element.open));
    await page.getByRole('button', { name: '↓ Latest' }).tap();
    await story.getByText('the very end', { exact: true }).waitFor();
    await page.getByRole('main', { name: 'Timeline' }).evaluate((element) => (element.scrollTop = 0));
    await story.getByText('the very beginning', { exact: true }).waitFor();
    assert.equal(await tool.evaluate((element) => element.open), false);

    // A draft outlives the page, and what was said is said again.
    await page.getByRole('textbox', { name: 'Message' }).fill('say: a draft');
    await page.reload();
    await until('the draft is there', async () => (await page.getByRole('textbox', { name: 'Message' }).inputValue()) === 'say: a draft');
    await page.getByRole('button', { name: 'Send' }).tap();
    await story.getByText('a draft', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Said before' }).tap();
    await page.getByRole('list', { name: 'Said before' }).getByRole('button', { name: 'say: a draft' }).tap();
    assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), 'say: a draft');
  });
});
