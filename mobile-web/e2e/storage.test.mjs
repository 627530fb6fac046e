// What is kept, cleaned up and deleted on a phone.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atHome, more, startRun, until } from './story.mjs';

test('runs that were put away are cleaned up, and one is deleted for good', async () => {
  await atHome(async ({ desk, page }) => {
    const picture = async (name) => process.env.OFFDESK_SHOTS && page.screenshot({ path: join(process.env.OFFDESK_SHOTS, `${name}.png`), fullPage: true });
    const attempts = () => readdirSync(join(desk.data, 'attempts')).length;
    const runs = async (...args) => JSON.parse(await desk.cli('ls', '--json', ...args));
    for (const words of ['say: the one put away', 'say: the one that stays']) {
      await startRun(page, 'Demo agent', words);
      await page.getByText(words.replace('say: ', ''), { exact: true }).first().waitFor();
      await page.getByRole('link', { name: 'All runs' }).tap();
    }
    const away = (await runs()).find((run) => run.label.endsWith('put away'));
    await desk.cli('stop', away.id);
    await until('it is over', async () => (await runs()).some((run) => run.id === away.id && run.state === 'stopped'));
    await desk.cli('archive', away.id);
    assert.equal(attempts(), 2);

    await more(page, 'Storage');
    const kept = page.getByRole('list', { name: 'What is kept' });
    await kept.getByText('What agents put out').waitFor();
    await page.getByRole('button', { name: 'Show what would go' }).tap();
    await page.getByText('There is nothing that could go.').waitFor();
    await page.getByLabel('Of runs untouched for').selectOption({ label: 'any time' });
    await page.getByRole('button', { name: 'Show what would go' }).tap();
    await page.getByRole('link', { name: 'say: the one put away' }).first().waitFor();
    await page.getByText('its run is not put away').first().waitFor({ state: 'attached' });
    await picture('storage');
    assert.equal(attempts(), 2, 'looking removes nothing');
    await page.getByRole('button', { name: /^Remove / }).tap();
    await page.getByText(/^Removed: /).waitFor();
    assert.equal(attempts(), 1);

    const stays = (await runs())[0];
    await desk.cli('stop', stays.id);
    await page.goto(page.url().replace(/#.*/, `#/run/${stays.id}`));
    await page.getByText('the one that stays', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'More', exact: true }).tap();
    await page.getByRole('button', { name: 'Delete for good…' }).tap();
    await page.getByText('It cannot be brought back.').waitFor();
    await picture('delete');
    await page.getByRole('button', { name: 'Delete it for good' }).tap();
    await until('it is deleted', async () => (await runs('--all')).every((run) => run.id !== stays.id));
    await until('the page is back at the runs', async () => /#\/$/.test(page.url()));
    await page.getByText('the one that stays').waitFor({ state: 'detached' });
    assert.equal(attempts(), 0);
  });
});
