// What a person does in the app's windows, on a real desktop.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Edge } from '../../mobile-web/e2e/outside.mjs';
import { phone } from '../../mobile-web/e2e/story.mjs';
import { Desktop, TRAY, until } from './desktop.mjs';
import { Windows } from './driver.mjs';
import { alive, atRest, gatewayPid, start, waiting } from './story.mjs';

test('the code on the screen is all a phone needs; its digits are compared in the tray', async (t) => {
  const edge = await new Edge().start();
  t.after(() => edge.close());
  const desk = await Desktop.up(t, { env: edge.env });
  const app = await atRest(desk);
  await desk.offdesk('reach', '--cloudflared', process.env.OFFDESK_CLOUDFLARED);
  // Choosing the way is wanting it: the tunnel comes up, is proved from outside, and only then there is a code.
  await desk.click(app.pid, 'Connect phone', 'From anywhere…');
  const address = await desk.code();
  assert.match(address, /^https:\/\/[\w-]+\.trycloudflare\.com\/p#1\./);
  const { browser, page } = await phone(edge.rules);
  t.after(() => browser.close());
  await page.goto(address);
  await page.getByRole('heading', { name: 'Almost there' }).waitFor();
  const digits = (await page.locator('.digits').innerText()).replace(/\s/g, '');
  await desk.line(app.pid, /wants in$/, `It shows ${digits}`);
  await new Promise((later) => setTimeout(later, 1200));
  await desk.click(app.pid, /wants in$/, /^Same digits/);
  await page.getByRole('heading', { name: 'Now' }).waitFor();
  await until('a truthful word of the tray', async () => (await desk.icon(app.pid)).tooltip.includes('Reachable from outside'));

  // Now the line is cut for good: the tray must not look well for long.
  await edge.say('down');
  await until('the tray to say so', async () => {
    const { tooltip, status } = await desk.icon(app.pid);
    return tooltip.startsWith('Not well: edge') && status === 'NeedsAttention';
  }, 20_000);
});

test('the shortcut, one line, and a run starts', async (t) => {
  const desk = await Desktop.up(t);
  const app = await atRest(desk);
  await desk.xdotool('key', 'ctrl+shift+space');
  await desk.window('Start a run');
  // A thought that is not finished is kept.
  await typed(desk, 'run: echo from the b');
  await desk.xdotool('key', 'Escape');
  await until('the bar to go', async () => (await desk.windows()).length === 0);
  await desk.xdotool('key', 'ctrl+shift+space');
  await desk.window('Start a run');
  await typed(desk, 'ar > made.txt');
  await desk.xdotool('key', 'Return');
  await until('the bar to go', async () => (await desk.windows()).length === 0);
  const [run] = await until('the run', async () => {
    const runs = await desk.json('ls');
    return runs.length > 0 && runs;
  });
  assert.equal(run.agent, 'demo');
  assert.equal(run.label, 'run: echo from the bar > made.txt');
  await desk.line(app.pid, /^◆/, 'echo from the bar > made.txt');
});

/** Types as soon as the window takes keys: what was typed before it did would be lost. */
async function typed(desk, text) {
  await until('the focus', async () => {
    const { stdout } = await desk.xdotool('getactivewindow', 'getwindowname');
    return stdout.trim() === 'Start a run';
  });
  await until('the page', () => drawn(desk));
  // Keys reach the page a moment after it can be seen, and nothing outside tells when.
  await new Promise((later) => setTimeout(later, 800));
  await desk.xdotool('type', '--delay', '20', text);
}

/** The bar shows more than its ground. */
async function drawn(desk) {
  const window = await desk.window('Start a run');
  return (await desk.colours(window)) > 8;
}

test('quitting asks what becomes of runs; keeping them is one key', async (t) => {
  const desk = await Desktop.up(t);
  const app = await atRest(desk);
  const run = await start(desk, 'run: echo later > made.txt');
  const { pid } = await waiting(desk, run);
  await desk.click(app.pid, 'Quit…');
  const window = await desk.window('Quit Offdesk');
  await until('its words', async () => (await desk.colours(window)) > 8);
  await desk.xdotool('key', 'Return');
  await until('the end', () => app.exitCode !== null);
  assert.ok(alive(pid) && alive(gatewayPid(desk)));
});

test('an approval is read and allowed in the window', async (t) => {
  const desk = await Desktop.up(t);
  const windows = await Windows.open(desk, TRAY);
  t.after(() => windows.close());
  await desk.gateway();
  const run = await start(desk, `run: echo ${'x'.repeat(70)} > made.txt`);
  await windows.sees('Needs you');
  await windows.click('link', new RegExp('made\\.txt'));
  await windows.click('button', 'Allow');
  const made = join(desk.env.HOME, 'made.txt');
  await until('the file is whole', () => existsSync(made) && readFileSync(made, 'utf8').trim() === 'x'.repeat(70));
  const [approval] = await desk.json('approvals', '--all');
  assert.equal(approval.run, run.id);
});

test('a page of the app may ask its own app and nobody else', async (t) => {
  const desk = await Desktop.up(t);
  const windows = await Windows.open(desk, TRAY);
  t.after(() => windows.close());
  await windows.sees('Home');
  const url = JSON.parse(readFileSync(join(desk.data, 'gateway.json'), 'utf8')).url;
  const got = await windows.page('(url) => fetch(url + "/healthz").then(() => "through", () => "refused")', url);
  assert.equal(got, 'refused');
  const escaped = await windows.page('() => window.__TAURI_INTERNALS__.invoke("ask", { method: "GET", path: "/api/v1/../../metrics", body: null }).then(() => "through", (problem) => problem.message)');
  assert.match(escaped, /no path of the API/);
  const opened = await windows.page('() => window.__TAURI_INTERNALS__.invoke("open_link", { url: "file:///etc/passwd" }).then(() => "through", (problem) => problem.message)');
  assert.match(opened, /Only web addresses/);
  const plugin = await windows.page('() => window.__TAURI_INTERNALS__.invoke("plugin:opener|open_path", { path: "/etc/passwd" }).then(() => "through", String)');
  assert.match(plugin, /not allowed|denied/i);
});

test('what is set in the window holds at once', async (t) => {
  const desk = await Desktop.up(t);
  const app = await atRest(desk, ['--hidden']);
  app.kill('SIGTERM');
  await until('the end', () => app.exitCode !== null);
  const windows = await Windows.open(desk, TRAY, ['--show', '/settings']);
  t.after(() => windows.close());
  await windows.sees('Start at login');
  await windows.click('checkbox', 'Start at login');
  const entry = join(desk.env.XDG_CONFIG_HOME, 'autostart/Offdesk.desktop');
  await until('the entry', () => existsSync(entry));
  assert.match(readFileSync(entry, 'utf8'), /^Exec=.*offdesk-tray --hidden$/m);
  await windows.click('checkbox', 'Start at login');
  await until('no entry', () => !existsSync(entry));

  const kept = () => JSON.parse(readFileSync(join(desk.data, 'tray.json'), 'utf8'));
  await until('the wish to be kept', () => kept().startAtLogin === false);
  await windows.click('checkbox', 'A run has ended');
  await until('the wish', () => kept().notify.finished === false);
  assert.equal(kept().notify.needsYou, true);
});

test('a window comes back as it was left', async (t) => {
  const desk = await Desktop.up(t);
  let app = await atRest(desk, []);
  const window = await desk.window('Offdesk');
  await desk.xdotool('windowsize', '--sync', window, '1040', '640');
  await desk.xdotool('windowactivate', '--sync', window, 'key', 'alt+F4');
  await until('it to close', async () => (await desk.windows()).length === 0);
  const asLeft = async () => (await desk.xdotool('getwindowgeometry', await desk.window('Offdesk'))).stdout.includes('1040x640');
  desk.app();
  await until('the same size', asLeft);
  desk.app('--quit');
  await until('the end', () => app.exitCode !== null);
  app = desk.app();
  await until('the same size after a restart', asLeft);
});
