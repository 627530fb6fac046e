// Somebody begins at the desk and goes: their agent's own terminal goes with them on the phone, and nothing of it starts anew.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { look } from './looks.mjs';
import { atHome, card, model, more, until } from './story.mjs';
import { Window, knowsClaude } from './window.mjs';

/** A desk whose person has Claude Code, with the scripted model behind it, and their phone. */
async function withClaude(what) {
  const service = await model();
  const windows = [];
  const knows = ({ desk }) => writeFileSync(join(desk.home, '.claude.json'), JSON.stringify(knowsClaude(desk, service.env.ANTHROPIC_API_KEY)));
  try {
    await atHome(async ({ desk, page }) => {
      const opens = (...words) => windows[windows.push(new Window(desk, words)) - 1];
      try {
        await what(desk, page, opens);
      } finally {
        for (const window of windows) await window.close();
      }
    }, { env: service.env, prepare: knows });
  } finally {
    service.close();
  }
}

const DIALOG = 'Do you want to proceed?';

test('Claude in its own terminal is seen, answered and typed into from the phone, and given back', async () => {
  await withClaude(async (desk, page, opens) => {
    const terminal = page.getByRole('group', { name: 'Terminal' });
    const screen = async () => (await terminal.locator('.xterm-rows > div').allTextContents()).join('\n').replaceAll('\u00a0', ' ');
    const shows = (words) => until(`the phone shows “${words}”`, async () => (await screen()).includes(words));
    const shows_no_more = (words) => until(`the phone does not show “${words}”`, async () => !(await screen()).includes(words));
    const run = async () => JSON.parse(await desk.cli('ls', '--json'))[0];

    const window = opens(process.env.OFFDESK_BIN, 'claude');
    await window.shows('manual mode');
    await until('the run lives', async () => (await run())?.pid);
    const { id, pid, agent } = await run();
    assert.equal(agent, 'claude-terminal');
    await page.goto(`${desk.url}/#/run/${id}`);
    await shows('manual mode');
    await page.getByText('The desk has the keyboard').waitFor();

    // What is typed at the desk is seen on the phone at once; what Claude asks is a card, and the phone allows it.
    window.type("[[bash cmd='echo once >> made.txt']]");
    await shows('echo once >> made.txt');
    window.type('\r');
    await card(page).getByText('echo once >> made.txt').waitFor();
    await shows(DIALOG);
    assert.equal(desk.file('made.txt'), '', 'nothing runs before it is allowed');
    await look(page, 'takeover-card');
    await card(page).getByRole('button', { name: 'Allow', exact: true }).tap();
    await until('the command ran', () => desk.file('made.txt') === 'once\n');
    await shows_no_more(DIALOG);
    await card(page).waitFor({ state: 'detached' });
    await page.getByText(/^○ idle$/).waitFor();

    // The phone takes the keyboard and types; at the desk it is said who has it.
    const before = window.said.length;
    await page.getByRole('button', { name: 'Take it' }).tap();
    await page.getByText('You have the keyboard').waitFor();
    const line = page.getByRole('textbox', { name: 'Line to type' });
    await line.fill("[[bash cmd='echo phone >> typed.txt']]");
    await page.getByRole('button', { name: 'Enter' }).tap();
    await card(page).getByText('echo phone >> typed.txt').waitFor();
    window.type('lost');
    await window.shows('has the keyboard', before);

    // Back at the desk: the dialog is answered there by a key, and the card goes.
    window.type('\x1dk');
    await page.getByText('The desk has the keyboard').waitFor();
    await shows(DIALOG);
    await window.answers('1', () => desk.file('typed.txt') !== '');
    await card(page).waitFor({ state: 'detached' });
    await page.getByText(/^○ idle$/).waitFor();
    assert.equal(desk.file('typed.txt'), 'phone\n', 'once');

    // The window is closed, and the phone goes on in the same process.
    await window.close();
    await page.getByText('has the keyboard').waitFor({ state: 'detached' });
    await line.fill('[[hello text=still-the-same]]');
    await page.getByRole('button', { name: 'Enter' }).tap();
    await page.getByRole('button', { name: 'Story' }).tap();
    await page.getByText('still-the-same', { exact: true }).waitFor();
    await look(page, 'takeover-story');
    await page.getByRole('button', { name: 'Terminal', exact: true }).tap();
    await shows('still-the-same');
    assert.equal((await run()).pid, pid, 'one process, whoever typed');
  });
});

test('a conversation that is open at the desk is marked, stopped from the phone, read and gone on with', async () => {
  await withClaude(async (desk, page, opens) => {
    // An older one, and one that is open now, neither begun by Offdesk.
    const old = opens(desk.env.OFFDESK_CLAUDE, '-p', 'Count the apples. [[hello text=seven-apples]]');
    assert.deepEqual(await old.gone, [0, null]);
    const open = opens(desk.env.OFFDESK_CLAUDE);
    await open.shows('shift+tab to cycle');
    await open.says('Count the pears. [[hello text=nine-pears]]');
    await open.shows('nine-pears');

    await more(page, 'History');
    const row = (words) => page.getByRole('link', { name: words });
    await row(/Count the apples/).waitFor();
    await row(/Count the pears/).getByText(/^(open elsewhere|may be open)$/).waitFor();
    assert.equal(await row(/Count the apples/).getByText(/open/).count(), 0, 'the old one is not');
    await look(page, 'history-live');
    await row(/Count the pears/).tap();
    await page.getByText('nine-pears', { exact: true }).waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'What to say next' }).count(), 0, 'two would write one conversation');
    await page.getByRole('button', { name: 'Stop it…' }).tap();
    const sure = page.getByRole('dialog', { name: 'Stop it' });
    await sure.getByText(/what it said is kept/).waitFor();
    await look(page, 'history-stop');
    await sure.getByRole('button', { name: /^End process \d+$/ }).tap();
    await open.gone;
    await page.getByRole('textbox', { name: 'What to say next' }).waitFor();

    await page.getByRole('link', { name: 'All conversations' }).tap();
    await row(/Count the apples/).tap();
    await page.getByText('seven-apples', { exact: true }).waitFor();
    await page.getByRole('textbox', { name: 'What to say next' }).fill('[[hello text=eight-now]] One more apple');
    await page.getByRole('button', { name: 'Go on' }).tap();
    await page.getByText('eight-now', { exact: true }).waitFor();
    await page.getByText(/^○ idle$/).waitFor();
    await page.getByRole('link', { name: 'All runs' }).tap();
    await more(page, 'History');
    await row(/Count the apples/).getByText('a run').waitFor();
  });
});
