// What agents used: as bars by day, as a table, and honestly where nothing is known.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { look } from './looks.mjs';
import { atHome, model, more, startRun } from './story.mjs';

test('what agents used is shown by day, in tokens or money, and nothing is made up', async () => {
  const service = await model();
  try {
    await atHome(async ({ desk, page }) => {
      await more(page, 'Usage');
      await page.getByText('No agent has told of anything it used in these days.').waitFor();
      await look(page, 'usage-none');
      await page.getByRole('link', { name: 'Back' }).tap();

      await startRun(page, /^Claude Code/, '[[hello]]');
      await page.getByText(/^○ idle$/).waitFor();
      await page.getByRole('link', { name: 'All runs' }).tap();
      await more(page, 'Usage');
      await page.getByText(/tokens written/).first().waitFor();
      const [told] = JSON.parse(await desk.cli('usage', '--json'));
      const day = page.getByRole('slider', { name: 'Day' });
      assert.match(await day.getAttribute('aria-valuetext'), new RegExp(`: ${told.usage.outputTokens.toLocaleString('en')} tokens written$`));
      await day.focus();
      await page.keyboard.press('ArrowLeft');
      assert.match(await day.getAttribute('aria-valuetext'), /: nothing$/, 'the day before nothing was used');
      await page.keyboard.press('End');
      await look(page, 'usage-tokens');
      await page.getByText('Day by day, as a table').tap();
      const table = page.getByRole('table');
      await table.getByRole('row', { name: /claude/ }).getByRole('cell', { name: String(told.usage.outputTokens), exact: true }).waitFor();
      await look(page, 'usage-table');

      await page.getByRole('button', { name: 'Money' }).tap();
      if (told.usage.costUsd === null) await page.getByText('That does not mean that it cost nothing.').waitFor();
      else await page.getByRole('slider', { name: 'Day' }).waitFor();
      await look(page, 'usage-money');
      await page.reload();
      await page.getByRole('button', { name: 'Money' }).and(page.locator('[aria-pressed=true]')).waitFor();
    }, { env: service.env });
  } finally {
    service.close();
  }
});
