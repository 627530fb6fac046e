// Files on a phone: looked at, fetched, brought, named in a prompt, staged and committed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { look } from './looks.mjs';
import { atHome, more, startRun, until } from './story.mjs';

const git = (desk, ...args) =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: desk.workspace, encoding: 'utf8', env: { ...process.env, HOME: desk.home } });
/** A red square of 2 × 2. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==', 'base64');

function prepare({ desk }) {
  mkdirSync(join(desk.workspace, 'src'));
  desk.write('src/main.rs', 'fn main() {\n    println!("hello"); // 1\n}\n');
  desk.write('notes.md', '# Notes\n');
  desk.write('.env', 'KEY=hunter2\n');
  writeFileSync(join(desk.workspace, 'red.png'), PNG);
  desk.write('gnp\u202egpj.txt', 'not a picture');
  git(desk, 'init', '-q', '-b', 'trunk');
  git(desk, 'config', 'user.name', 'Ada');
  git(desk, 'config', 'user.email', 'ada@example.com');
  git(desk, 'add', 'src', 'notes.md');
  git(desk, 'commit', '-qm', 'Begin');
}

test('a person looks around in a root, reads, fetches, and brings files', () => atHome(async ({ desk, page }) => {
  await more(page, 'Files');
  await look(page, 'files-roots');
  await page.getByRole('list', { name: 'Folders in which runs may work' }).getByRole('link').tap();
  const files = page.getByRole('list', { name: 'Files', exact: true });
  await files.getByRole('link', { name: /src/ }).waitFor();
  assert.equal(await files.getByText('.env').count(), 0, 'hidden files are hidden');
  await page.getByText('Hidden files').tap();
  await files.getByText('.env').waitFor();
  await files.getByText('gnp⟨U+202E⟩gpj.txt').waitFor();
  await files.locator('img').first().waitFor();
  await look(page, 'files');

  await files.getByRole('link', { name: /src/ }).tap();
  await page.getByRole('link', { name: /main\.rs/ }).tap();
  const content = page.getByRole('region', { name: 'Content of main.rs' });
  await content.locator('.keyword').filter({ hasText: 'fn' }).waitFor();
  await look(page, 'file-text');
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).tap();
  const download = await coming;
  assert.equal(download.suggestedFilename(), 'main.rs');
  assert.equal(readFileSync(await download.path(), 'utf8'), desk.file('src/main.rs'));

  await page.getByRole('link', { name: 'The folder' }).tap();
  await page.getByRole('link', { name: 'Back' }).tap();
  await files.getByRole('link', { name: /red\.png/ }).tap();
  await page.getByRole('img', { name: 'red.png' }).waitFor();
  await look(page, 'file-picture');
  await page.getByRole('link', { name: 'The folder' }).tap();
  await page.getByText('Hidden files').tap();
  await files.getByRole('link', { name: /\.env/ }).tap();
  await page.getByText('hold keys or passwords').waitFor();
  assert.equal(await page.getByText('hunter2').count(), 0);
  await look(page, 'file-secret');
  await page.getByRole('button', { name: 'Show it' }).tap();
  await page.getByText('hunter2').waitFor();

  await page.getByRole('link', { name: 'The folder' }).tap();
  await page.getByRole('searchbox', { name: 'Find by name' }).fill('smain');
  await page.getByRole('list', { name: 'Found' }).getByRole('link', { name: /main\.rs/ }).waitFor();
  await look(page, 'files-found');
  await page.getByRole('searchbox', { name: 'Find by name' }).fill('');

  const picker = page.locator('input[type=file]');
  await picker.setInputFiles({ name: 'photo.txt', mimeType: 'text/plain', buffer: Buffer.from('from the road') });
  await page.getByText('photo.txt is here.').waitFor();
  assert.equal(desk.file('photo.txt'), 'from the road');
  const other = { name: 'notes.md', mimeType: 'text/plain', buffer: Buffer.from('# Other notes\n') };
  await picker.setInputFiles(other);
  await page.getByRole('dialog', { name: 'A file of this name is here' }).waitFor();
  assert.equal(desk.file('notes.md'), '# Notes\n', 'what was there was not touched');
  await look(page, 'files-conflict');
  await page.getByRole('button', { name: 'Keep both' }).tap();
  await page.getByText('notes (2).md is here.').waitFor();
  await picker.setInputFiles(other);
  await page.getByRole('button', { name: 'Replace the one that is here' }).tap();
  await page.getByText('notes.md was replaced.').waitFor();
  assert.equal(desk.file('notes.md'), '# Other notes\n');
}, { prepare }));

test('a file is named in a prompt, and what changed is staged and committed', () => atHome(async ({ desk, page }) => {
  await startRun(page, 'Demo agent', 'edit: notes.md\nedit: plan.md');
  for (let asked = 0; asked < 2; asked += 1) {
    await page.getByRole('button', { name: 'Allow', exact: true }).first().tap();
    await until('it was done', async () => (asked === 0 ? desk.file('notes.md') !== '# Notes\n' : existsSync(join(desk.workspace, 'plan.md'))));
  }
  await page.getByRole('link', { name: /2 files changed/ }).waitFor();

  const message = page.getByRole('textbox', { name: 'Message' });
  await message.fill('Read ');
  await message.press('End');
  await message.pressSequentially('@smai');
  const offered = page.getByRole('list', { name: 'Files to name' });
  await offered.getByRole('button', { name: /src\/main\.rs/ }).waitFor();
  await look(page, 'mention');
  await offered.getByRole('button', { name: /src\/main\.rs/ }).tap();
  await until('the path is in the prompt', async () => (await message.inputValue()) === 'Read src/main.rs ');
  await message.fill('');

  await page.getByRole('link', { name: /2 files changed/ }).tap();
  await page.getByRole('link', { name: 'All that the run changed' }).tap();
  await page.getByRole('checkbox', { name: 'Stage notes.md' }).tap();
  await page.getByText('1 of 2 files staged').waitFor();
  assert.equal(git(desk, 'diff', '--cached', '--name-only').trim(), 'notes.md');
  await look(page, 'changes-staged');
  await page.getByRole('button', { name: 'Commit…' }).tap();
  await page.getByRole('textbox', { name: 'Message' }).fill('Note it');
  await look(page, 'commit-staged');
  await page.getByRole('button', { name: 'Commit 1 staged file' }).tap();
  await page.getByText(/^Committed [0-9a-f]{8} on trunk/).waitFor();
  assert.equal(git(desk, 'show', '--name-only', '--format=%s').trim(), 'Note it\n\nnotes.md');
  assert.match(git(desk, 'status', '--short'), /\?\? plan\.md/);

  const [run] = JSON.parse(await desk.cli('ls', '--json'));
  await page.goto(page.url().replace(/#.*/, `#/file/${run.id}/plan.md`));
  await page.getByRole('button', { name: 'Keep with the run' }).tap();
  await page.getByRole('button', { name: 'Kept' }).waitFor();
  await desk.cli('stop', run.id);
  await until('it is over', async () => JSON.parse(await desk.cli('ls', '--json'))[0].state === 'stopped');
  await page.goto(page.url().replace(/#.*/, `#/run/${run.id}`));
  await page.getByRole('button', { name: 'More', exact: true }).tap();
  await page.getByRole('button', { name: 'Artifacts' }).tap();
  const artifacts = page.getByRole('list', { name: 'Artifacts' });
  for (const name of ['log.txt', 'changes.diff', 'plan.md']) await artifacts.getByText(name, { exact: true }).waitFor();
  await look(page, 'artifacts');
  // What somebody keeps at the desk comes to the phone by itself, and the story tells of both.
  await desk.cli('artifacts', 'add', run.id, 'notes.md');
  await artifacts.getByText('notes.md', { exact: true }).waitFor();
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download changes.diff' }).tap();
  assert.match(readFileSync(await (await coming).path(), 'utf8'), /\+\+\+ b\/plan\.md/);
  await page.goto(page.url().replace(/#.*/, `#/run/${run.id}`));
  for (const name of ['plan.md', 'notes.md']) await page.getByText(`${name} kept with the run`).waitFor();
}, { prepare }));
