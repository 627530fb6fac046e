// Pictures of every window, light and dark, for docs/screenshots: `cargo x screenshots`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Edge } from '../../mobile-web/e2e/outside.mjs';
import { Desktop, until } from './desktop.mjs';
import { atRest, waiting } from './story.mjs';

const INTO = new URL('../../docs/screenshots/', import.meta.url).pathname;
const after = [];
const test = { after: (what) => after.push(what) };
mkdirSync(INTO, { recursive: true });

/** A window whose picture has been the same for a while. */
async function still(desk, title, name) {
  const window = await desk.window(title);
  const file = join(INTO, `${name}.png`);
  let before = '';
  await until(`a still picture of ${name}`, async () => {
    execFileSync('import', ['-window', window, file], { env: desk.env });
    const now = execFileSync('identify', ['-format', '%#', file]).toString();
    const same = now === before && (await desk.colours(window)) > 8;
    before = now;
    await pause(400);
    return same;
  }, 30_000);
  // Small files: few colours are enough for a window.
  execFileSync('convert', [file, '-strip', '+dither', '-colors', '192', '-define', 'png:compression-level=9', `PNG8:${file}`]);
  console.log(file);
}

for (const appearance of ['light', 'dark']) {
  const edge = await new Edge().start();
  const desk = await Desktop.up(test, { env: { ...edge.env, HOSTNAME: 'workbench' } });
  mkdirSync(desk.data, { mode: 0o700 });
  writeFileSync(join(desk.data, 'tray.json'), JSON.stringify({ appearance, notify: { needsYou: false, finished: false, reach: false } }));
  mkdirSync(join(desk.env.HOME, 'shop'));
  writeFileSync(join(desk.env.HOME, 'shop/prices.txt'), 'apple 3\npear 4\nplum 5\n');
  const app = await atRest(desk);
  await desk.offdesk('reach', '--cloudflared', process.env.OFFDESK_CLOUDFLARED);
  const run = async (label, prompt) => desk.json('run', '--agent', 'demo', '--dir', join(desk.env.HOME, 'shop'), '--label', label, '--detach', prompt);
  desk.app('--show', '/');
  await still(desk, 'Offdesk', `home-first-${appearance}`);
  await run('Write the tests for the basket', 'say: The basket has twelve tests now, and all pass.');
  const ask = await run('Raise the prices', 'say: The prices come from prices.txt. I would change them there.\nedit: prices.txt');
  await run('Clean the build folder', 'run: rm -rf build && mkdir build');
  await run('Watch the log', 'sleep: 600');
  await waiting(desk, ask);
  desk.app('--show', '/');
  await still(desk, 'Offdesk', `home-${appearance}`);
  desk.app('--show', `/run/${ask.id}`);
  await still(desk, 'Offdesk', `run-${appearance}`);
  desk.app('--show', '/settings');
  await still(desk, 'Offdesk', `settings-${appearance}`);
  desk.app('--show', '/devices');
  await still(desk, 'Offdesk', `devices-${appearance}`);
  desk.app('--show', '/connect/edge');
  await desk.code();
  const window = await desk.window('Offdesk');
  // It counts down, so it is never still.
  const file = join(INTO, `connect-${appearance}.png`);
  execFileSync('import', ['-window', window, file], { env: desk.env });
  execFileSync('convert', [file, '-strip', '+dither', '-colors', '192', `PNG8:${file}`]);
  desk.app('--show', '/trouble');
  await still(desk, 'Offdesk', `trouble-${appearance}`);
  await desk.xdotool('key', 'ctrl+shift+space');
  await desk.window('Start a run');
  await pause(1000);
  await desk.xdotool('type', '--delay', '30', '@');
  await still(desk, 'Start a run', `start-bar-${appearance}`);
  await desk.xdotool('key', 'Escape');
  await desk.click(app.pid, 'Quit…');
  await still(desk, 'Quit Offdesk', `quit-${appearance}`);
  await desk.down();
  edge.close();
}
for (const what of after) await what();
