// A day's work with agents on a phone: what they changed, what they ask, how they are steered, and what they did before.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { look } from './looks.mjs';
import { atHome, card, model, more, startRun, until } from './story.mjs';

const git = (desk, ...args) =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: desk.workspace, encoding: 'utf8', env: { ...process.env, HOME: desk.home } });
const allow = (page) => card(page).getByRole('button', { name: 'Allow', exact: true });
const shown = (page, text) => page.getByText(text).first().waitFor();

test('the changes of a run are read, taken back, put back, committed and merged', async () => {
  const repository = ({ desk }) => {
    desk.write('price.ts', 'export function price(amount: number, rate: number): string {\n  const sum = amount * rate;\n  return `${sum} EUR`;\n}\n');
    git(desk, 'init', '-q', '-b', 'trunk');
    git(desk, 'config', 'user.name', 'Ada');
    git(desk, 'config', 'user.email', 'ada@example.com');
    git(desk, 'add', '.');
    git(desk, 'commit', '-qm', 'Begin');
  };
  await atHome(async ({ desk, page }) => {
    await look(page, 'now-empty');
    await page.getByRole('link', { name: 'New run' }).tap();
    await page.getByRole('button', { name: 'Demo agent' }).tap();
    await page.getByRole('textbox', { name: 'Prompt' }).fill("run: sed -i 's/amount [*] rate/Math.round(amount * rate)/' price.ts\nedit: notes.md");
    await page.getByText('In a fresh git worktree').tap();
    await look(page, 'new');
    await page.getByRole('button', { name: 'Start' }).tap();
    await allow(page).tap();
    await card(page).getByText('Edited by the Offdesk demo agent.').waitFor();
    await look(page, 'card-edit');
    await allow(page).tap();
    await page.getByRole('link', { name: /2 files changed/ }).waitFor();
    await look(page, 'run');

    await page.getByRole('link', { name: /2 files changed/ }).tap();
    await page.getByRole('heading', { name: 'Changes of one turn' }).waitFor();
    await page.getByText('price.ts').tap();
    await page.locator('.changed').filter({ hasText: 'Math' }).first().waitFor();
    await look(page, 'changes-turn');
    await page.getByRole('link', { name: 'All that the run changed' }).tap();
    await page.getByText('notes.md').tap();
    await page.getByRole('button', { name: 'Discard this file' }).tap();
    await look(page, 'changes-discard');
    await page.getByRole('button', { name: 'Discard', exact: true }).tap();
    await page.getByText('1 file discarded.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).tap();
    await page.getByText('1 file put back.').waitFor();
    await page.getByRole('button', { name: 'Commit…' }).tap();
    await page.getByRole('textbox', { name: 'Message' }).fill('Round prices');
    await look(page, 'changes-commit');
    await page.getByRole('button', { name: 'Commit 2 files' }).tap();
    await page.getByText(/^Committed [0-9a-f]{8} on offdesk\//).waitFor();
    await look(page, 'changes');
    await page.getByRole('button', { name: 'Merge into trunk…' }).tap();
    await page.getByRole('button', { name: 'Merge', exact: true }).tap();
    await page.getByText('Merged into trunk.').waitFor();
    assert.match(git(desk, 'log', '--format=%s', 'trunk'), /Round prices/);
    assert.match(desk.file('price.ts'), /Math\.round/);
  }, { prepare: repository });
});

test('the real Claude Code is steered: model, mode, commands, a queue, files, a plan and a question', async () => {
  const service = await model();
  try {
    await atHome(async ({ desk, page }) => {
      await page.getByRole('link', { name: 'New run' }).tap();
      await page.getByRole('button', { name: /^Claude Code/ }).waitFor();
      assert.equal(await page.getByRole('button', { name: /^Claude Code/ }).count(), 1, 'an agent and its terminal are one');
      await page.getByRole('button', { name: /^Claude Code/ }).tap();
      const ways = page.getByRole('group', { name: 'How Claude Code is shown' });
      await ways.getByRole('button', { name: 'In its terminal' }).tap();
      await page.getByText('Its own screen, as at the desk.').waitFor();
      await ways.getByRole('button', { name: 'As a conversation' }).tap();
      await look(page, 'new-claude');
      await page.getByRole('textbox', { name: 'Prompt' }).fill('[[hello]]');
      await page.getByRole('button', { name: 'Start' }).tap();
      await page.getByText(/^○ idle$/).waitFor();
      const controls = page.getByRole('dialog');
      await page.getByRole('button', { name: /^Mode: / }).tap();
      await controls.getByRole('button', { name: /plan/i }).first().tap();
      await page.getByRole('button', { name: /^Mode: / }).getByText(/^plan$/).waitFor();
      const message = page.getByRole('textbox', { name: 'Message' });
      await message.fill('[[plan]]');
      await page.getByRole('button', { name: 'Send' }).tap();

      await card(page).getByText('Go on with this plan').waitFor();
      await look(page, 'card-plan');
      await card(page).getByRole('button', { name: 'Send back' }).tap();
      await page.getByRole('textbox', { name: 'Words for the agent' }).fill('Smaller steps.');
      await look(page, 'card-send-back');
      await page.getByRole('button', { name: 'Send back with these words' }).tap();
      await shown(page, /^Denied by/);
      await page.getByText(/^○ idle$/).waitFor();

      await message.fill('/');
      const commands = page.getByRole('list', { name: 'Commands of the agent' });
      await commands.getByRole('button').first().waitFor();
      await look(page, 'slash');
      await commands.getByRole('button').first().tap();
      assert.match(await message.inputValue(), /^\/\S+ $/);

      await page.locator('input[type=file]').setInputFiles({ name: 'receipt.txt', mimeType: 'text/plain', buffer: Buffer.from('3 apples\n') });
      await page.getByText('receipt.txt').waitFor();
      await message.fill('[[question]] about the file');
      await look(page, 'attached');
      await page.getByRole('button', { name: 'Send' }).tap();
      await card(page).getByText('Which colour should the button be?').waitFor();
      await look(page, 'card-question');
      await message.fill('[[hello]] once that is answered');
      await page.getByText('After this turn').tap();
      await page.getByRole('button', { name: 'Send' }).tap();
      const queue = page.getByRole('region', { name: 'Waits for the agent' });
      await queue.getByText('once that is answered').waitFor();
      await look(page, 'queue');
      await card(page).getByRole('radio').first().tap();
      await card(page).getByRole('button', { name: 'Answer' }).tap();
      await shown(page, /^Answered by/);
      await queue.waitFor({ state: 'detached' });
      await page.getByText(/^○ idle$/).waitFor();

      await page.getByRole('button', { name: /^Model: / }).tap();
      await controls.getByRole('button').nth(1).waitFor();
      await look(page, 'model');
      await controls.getByRole('button', { name: 'Close' }).tap();
      await look(page, 'run-claude');

      await page.getByRole('link', { name: 'All runs' }).tap();
      await more(page, 'Usage');
      await page.getByText(/tokens written, /).waitFor();
      await look(page, 'usage');
      await page.getByRole('link', { name: 'Back' }).tap();
      await look(page, 'more');
    }, { env: service.env });
  } finally {
    service.close();
  }
});

test('what Claude did in its own terminal is found, read and gone on with', async () => {
  const service = await model();
  try {
    await atHome(async ({ desk, page }) => {
      const env = { ...desk.env };
      execFileSync(env.OFFDESK_CLAUDE, ['-p', "Count the apples. [[bash cmd='touch apples.txt']]", '--allowedTools', 'Bash'], { cwd: desk.workspace, env, stdio: ['ignore', 'pipe', 'inherit'] });
      await startRun(page, 'Demo agent', 'say: a run of its own');
      await shown(page, 'a run of its own');
      await page.getByRole('link', { name: 'All runs' }).tap();
      await more(page, 'History');
      await page.getByRole('link', { name: /Count the apples/ }).waitFor();
      await page.getByRole('searchbox', { name: 'Search' }).fill('no such words');
      await page.getByText('Nothing found.').waitFor();
      await page.getByRole('searchbox', { name: 'Search' }).fill('apples');
      await page.getByRole('link', { name: /Count the apples/ }).waitFor();
      await look(page, 'history');
      await page.getByRole('link', { name: /Count the apples/ }).tap();
      await page.getByText('touch apples.txt').first().waitFor();
      await look(page, 'conversation');
      await page.getByRole('textbox', { name: 'What to say next' }).fill('[[hello]] And the pears?');
      await page.getByRole('button', { name: 'Go on' }).tap();
      await page.getByText('And the pears?').first().waitFor();
      await page.getByText(/^○ idle$/).waitFor();
      await page.getByRole('link', { name: 'All runs' }).tap();
      await more(page, 'History');
      await page.getByRole('link', { name: /Count the apples/ }).getByText('a run').waitFor();
    }, { env: service.env });
  } finally {
    service.close();
  }
});

test('agents say what they are, one that is too old says so, and a terminal’s keyboard goes from hand to hand', async () => {
  const old = ({ desk }) => {
    const program = join(desk.home, 'claude');
    writeFileSync(program, '#!/bin/sh\nif [ "$1" = --version ]; then echo "1.0.9 (Claude Code)"; fi; cat > /dev/null\n');
    chmodSync(program, 0o755);
    desk.env.OFFDESK_CLAUDE = program;
  };
  await atHome(async ({ desk, page, browser }) => {
    await more(page, 'Agents');
    await page.getByText(/^This is Claude Code 1\.0\.9/).first().waitFor();
    await look(page, 'agents');
    await page.getByRole('button', { name: 'Add an agent of your own' }).tap();
    await look(page, 'agents-own');
    for (const place of ['Devices', 'Connection', 'Storage']) {
      await more(page, place);
      await page.getByRole('heading', { name: place, level: 1 }).waitFor();
      await look(page, place.toLowerCase());
    }
    await page.getByRole('link', { name: 'New run' }).tap();
    await page.getByText(/^Not on this computer: /).tap();
    await look(page, 'new-absent');
    await page.getByRole('button', { name: 'Hands-on terminal' }).tap();
    await page.getByRole('button', { name: 'Start' }).tap();
    await page.getByRole('textbox', { name: 'Line to type' }).fill('echo mine > mine.txt');
    await page.getByRole('button', { name: 'Enter' }).tap();
    await until('it is typed', () => desk.file('mine.txt') === 'mine\n');
    await look(page, 'terminal');

    // Another device takes the keyboard; here it is said, and taken back.
    const other = await (await browser.newContext({ viewport: { width: 900, height: 700 }, hasTouch: true })).newPage();
    const offer = JSON.parse(await desk.cli('pair', '--json'));
    await other.goto(offer.loginUrl);
    await other.getByRole('heading', { name: 'Now' }).waitFor();
    await other.goto(page.url());
    await other.getByRole('button', { name: 'Take it' }).tap();
    await other.getByText('You have the keyboard').waitFor();
    await page.getByText('has the keyboard').waitFor();
    await page.getByRole('button', { name: 'Take it' }).waitFor();
    await look(page, 'terminal-theirs');
    await page.getByRole('button', { name: 'Take it' }).tap();
    await page.getByText('You have the keyboard').waitFor();
    await page.getByRole('textbox', { name: 'Line to type' }).fill('echo back > back.txt');
    await page.getByRole('button', { name: 'Enter' }).tap();
    await until('it is typed again', () => desk.file('back.txt') === 'back\n');
    await look(page, 'terminal-keys');
  }, { prepare: old });
});
