// A command line and an agent of one's own, from a phone's page; what a screen asks is answered by a tap.
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atHome, more, until } from './story.mjs';

test('a command asks, a tap answers, and an agent of one’s own is added, used and removed', async () => {
  const prepare = ({ desk }) => {
    desk.write('ask.sh', '#!/bin/sh\nprintf \'Deploy "%s"? [y/N] \' "$1"\nread answer\necho "$answer" > answer.txt\nsleep 1000\n');
    chmodSync(join(desk.workspace, 'ask.sh'), 0o755);
  };
  await atHome(async ({ desk, page }) => {
    const picture = async (name) => process.env.OFFDESK_SHOTS && page.screenshot({ path: join(process.env.OFFDESK_SHOTS, `${name}.png`) });
    await page.getByRole('link', { name: 'New run' }).tap();
    await page.getByRole('button', { name: 'Command…' }).tap();
    await page.getByRole('textbox', { name: 'Command' }).fill('./ask.sh "two words');
    await page.getByText('A quotation mark is not closed.').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Start' }).isDisabled());
    await page.getByRole('textbox', { name: 'Command' }).fill('./ask.sh "two words"');
    const words = page.getByRole('list', { name: /^Started as these words/ }).getByRole('listitem');
    assert.deepEqual(await words.allTextContents(), ['./ask.sh', 'two words']);
    await picture('command');
    await page.getByRole('button', { name: 'Start' }).tap();

    const asks = page.getByRole('region', { name: 'The screen seems to ask' });
    await asks.getByText('Deploy "two words"? [y/N]').waitFor();
    await picture('asks');
    assert.equal(desk.file('answer.txt'), '', 'nothing is typed by itself');
    await asks.getByRole('button', { name: 'Yes: types y ⏎' }).tap();
    await until('it is answered', () => desk.file('answer.txt') === 'y\n');
    await asks.waitFor({ state: 'detached' });

    await page.getByRole('link', { name: 'All runs' }).tap();
    await more(page, 'Agents');
    await page.getByRole('button', { name: 'Add an agent of your own' }).tap();
    const form = page.getByRole('form', { name: 'An agent of your own' });
    await form.getByRole('textbox', { name: /^Kind/ }).fill('mine');
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill('My shell');
    await form.getByRole('combobox').selectOption('terminal');
    await form.getByRole('textbox', { name: 'Program and arguments' }).fill('sh -c "echo hello from $WHO; sleep 1000"');
    await form.getByRole('button', { name: 'Add a variable' }).tap();
    await form.getByRole('textbox', { name: 'Variable', exact: true }).fill('WHO');
    await form.getByRole('textbox', { name: 'Value of WHO' }).fill('mine');
    await form.getByRole('button', { name: 'Try it' }).tap();
    await form.getByText('can be started in a terminal').waitFor();
    await picture('own');
    await form.getByRole('button', { name: 'Add it' }).tap();
    await page.getByText('· yours').waitFor();
    await picture('agents');

    await page.getByRole('link', { name: 'New run' }).tap();
    await page.getByRole('button', { name: 'My shell' }).tap();
    await page.getByRole('button', { name: 'Start' }).tap();
    await page.getByText('hello from mine').first().waitFor();

    await page.getByRole('link', { name: 'All runs' }).tap();
    await more(page, 'Agents');
    await page.getByRole('button', { name: 'Remove…' }).tap();
    await page.getByRole('button', { name: 'Remove My shell' }).tap();
    await page.getByText('while it is at work').waitFor();
    for (const run of JSON.parse(await desk.cli('ls', '--json'))) if (run.agent === 'mine') await desk.cli('stop', run.id);
    await until('it is over', async () => JSON.parse(await desk.cli('ls', '--json')).some((run) => run.agent === 'mine' && run.state === 'stopped'));
    await page.getByRole('button', { name: 'Remove…' }).tap();
    await page.getByRole('button', { name: 'Remove My shell' }).tap();
    await page.getByText('· yours').waitFor({ state: 'detached' });
  }, { prepare });
});
