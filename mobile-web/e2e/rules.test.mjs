// What may happen unasked, decided, seen and taken back on a phone.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { look } from './looks.mjs';
import { atHome, card, more, startRun, until } from './story.mjs';

test('a rule is made on a card, decides, is seen and revoked', async () => {
  await atHome(async ({ desk, page }) => {
    const picture = async (name) => process.env.OFFDESK_SHOTS && page.screenshot({ path: join(process.env.OFFDESK_SHOTS, `${name}.png`) });
    await startRun(page, 'Demo agent', 'run: mkdir -p a\nrun: mkdir -p b\nrun: mkdir -p c && touch d');
    await card(page).getByText('mkdir -p a').waitFor();
    await picture('card');
    await card(page).getByRole('button', { name: 'Allow always…' }).tap();
    const sheet = page.getByRole('group', { name: 'Allow by a rule' });
    await sheet.getByRole('radio', { name: 'plain commands: mkdir …' }).check();
    await sheet.getByRole('radio', { name: 'in this project' }).check();
    await sheet.getByText('Nothing else was asked there so far.').waitFor();
    await picture('sheet');
    await look(page, 'rule-sheet');
    await sheet.getByRole('button', { name: 'Allow, and make this rule' }).tap();

    // The second goes without a word; the third is more than the rule is about.
    await card(page).getByText('mkdir -p c && touch d').waitFor();
    await page.getByText('Allowed by the rule “plain commands: mkdir …” · done').waitFor();
    assert.ok(existsSync(join(desk.workspace, 'b')));
    await picture('timeline');
    await card(page).getByRole('button', { name: 'Deny', exact: true }).tap();

    await page.getByRole('link', { name: 'All runs' }).tap();
    await more(page, 'Rules');
    const rule = page.getByRole('region', { name: 'Rule: plain commands: mkdir …' });
    await rule.getByText(/decided 1, last/).waitFor();
    await picture('rules');
    await look(page, 'rules');
    await rule.getByRole('button', { name: 'Revoke' }).tap();
    await page.getByText('No rules: every request waits for you.').waitFor();

    await page.getByRole('link', { name: 'Back' }).tap();
    await startRun(page, 'Demo agent', 'run: mkdir -p e');
    await card(page).getByText('mkdir -p e').waitFor();
    assert.ok(!existsSync(join(desk.workspace, 'e')));
    await card(page).getByRole('button', { name: 'Deny all like this…' }).tap();
    const deny = page.getByRole('group', { name: 'Deny by a rule' });
    await deny.getByRole('textbox').fill('no folders');
    await deny.getByRole('button', { name: 'Deny, and make this rule' }).tap();
    await until('it is denied', async () => JSON.parse(await desk.cli('rules', '--json'))[0]?.say === 'no folders');
  });
});
