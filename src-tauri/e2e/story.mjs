// The words the desktop's journeys are told in.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './desktop.mjs';

export const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The app is there and has nothing to tell. */
export async function atRest(desk, args = ['--hidden']) {
  const app = desk.app(...args);
  await until('the icon', async () => (await desk.icon(app.pid)).id === 'offdesk');
  await desk.gateway();
  await until('a sentence about all of it', async () => (await desk.icon(app.pid)).tooltip.includes('All well'));
  return app;
}

export async function start(desk, prompt) {
  return desk.json('run', '--agent', 'demo', '--dir', desk.env.HOME, '--detach', prompt);
}

export function waiting(desk, run) {
  return until('the run to wait', async () => {
    const view = await desk.json('show', run.id);
    return view.state === 'waiting' && view;
  });
}

export const gatewayPid = (desk) => JSON.parse(readFileSync(join(desk.data, 'gateway.json'), 'utf8')).pid;

/** What the app takes for too short a time to have read what is asked, and somewhat more. */
const MEANT = 1200;

/** What is asked has stood still in the menu long enough for a click to be meant. */
export async function settled(desk, pid) {
  let asked = '';
  let since = Date.now();
  await until('a menu that stands still', async () => {
    const now = JSON.stringify((await desk.menu(pid)).filter((line) => line.text.startsWith('◆')));
    if (now !== asked) [asked, since] = [now, Date.now()];
    return Date.now() - since > MEANT;
  });
}
