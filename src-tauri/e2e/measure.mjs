// Figures of the tray app, printed as JSON: node src-tauri/e2e/measure.mjs, with OFFDESK_TRAY and OFFDESK_BIN of a
// release, and OFFDESK_EDGE and OFFDESK_CLOUDFLARED.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { Edge } from '../../mobile-web/e2e/outside.mjs';
import { Desktop, until } from './desktop.mjs';

const ROUNDS = 5;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const after = [];
const test = { after: (what) => after.push(what) };

function family(pid) {
  const children = execFileSync('ps', ['-eo', 'pid=,ppid=,comm=']).toString().trim().split('\n').map((line) => line.trim().split(/\s+/));
  // A web view's processes are ours; the gateway, which we start as well, is measured by itself.
  const own = children.filter(([, parent, name]) => Number(parent) === pid && /WebKit/.test(name)).map(([child]) => Number(child));
  return [pid, ...own.flatMap((child) => family(child))];
}

function memory(pid) {
  const sum = { processes: 0, rssMB: 0, pssMB: 0, privateMB: 0 };
  for (const one of family(pid)) {
    const text = readFileSync(`/proc/${one}/smaps_rollup`, 'utf8');
    const read = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024;
    sum.processes += 1;
    sum.rssMB += read('Rss');
    sum.pssMB += read('Pss');
    sum.privateMB += read('Private_Dirty') + read('Private_Clean');
  }
  return Object.fromEntries(Object.entries(sum).map(([name, value]) => [name, Math.round(value)]));
}

function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** When the list of windows changes, as the window manager tells it. */
function watchWindows(desk) {
  const spy = spawn('xprop', ['-root', '-spy', '_NET_CLIENT_LIST'], { env: desk.env, stdio: ['ignore', 'pipe', 'ignore'] });
  desk.children.push(spy);
  const watch = { change: () => undefined };
  createInterface({ input: spy.stdout }).on('line', () => watch.change(performance.now()));
  return { next: () => new Promise((done) => (watch.change = done)) };
}

/** How long each start bar took, as the app noted it. */
const pages = (desk) => [...desk.log('offdesk-tray').matchAll(/The start bar was there after (\d+) ms/g)].map(([, ms]) => Number(ms));

const figures = {};
const starts = { iconMs: [], gatewayMs: [] };
for (let round = 0; round < ROUNDS; round += 1) {
  const desk = await Desktop.up(test, { env: { OFFDESK_LOG: 'offdesk_tray=debug' } });
  const begin = performance.now();
  const app = desk.app('--hidden');
  await until('the icon', async () => (await desk.registered()).some((one) => one.includes(`-${app.pid}-`)));
  starts.iconMs.push(performance.now() - begin);
  await until('all well', async () => (await desk.icon(app.pid)).tooltip.includes('All well'));
  starts.gatewayMs.push(performance.now() - begin);
  if (round === ROUNDS - 1) await rest(desk, app);
  await desk.down();
}
figures.startMs = { icon: Math.round(median(starts.iconMs)), trueSentence: Math.round(median(starts.gatewayMs)) };

async function rest(desk, app) {
  await pause(3000);
  figures.closed = memory(app.pid);
  const [before, began] = [cpuMs(app.pid), performance.now()];
  await pause(20_000);
  figures.idleCpuPercent = Number((((cpuMs(app.pid) - before) / (performance.now() - began)) * 100).toFixed(2));
  const windows = watchWindows(desk);
  await pause(300);
  const mapped = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const change = windows.next();
    const pressed = performance.now();
    await desk.xdotool('key', 'ctrl+shift+space');
    mapped.push((await change) - pressed);
    // The app itself says when the page was there: asking the screen takes longer than that.
    await until('the page', () => pages(desk).length > round);
    await pause(700);
    const gone = windows.next();
    await desk.xdotool('key', 'Escape');
    await gone;
    await pause(700);
  }
  const [first, ...later] = pages(desk);
  figures.startBarMs = { keyToWindow: { first: Math.round(mapped[0]), median: Math.round(median(mapped)) }, askedToPage: { first, median: median(later) } };
  desk.app();
  await desk.window('Offdesk');
  await pause(3000);
  figures.open = memory(app.pid);
  await desk.xdotool('key', 'alt+F4');
  await until('the window to close', async () => (await desk.windows()).length === 0);
  await pause(3000);
  figures.closedAgain = memory(app.pid);
}

// From nothing to a code that a camera reads: gateway, tunnel and its proof from outside included.
const codes = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const edge = await new Edge().start();
  const desk = await Desktop.up(test, { env: edge.env });
  mkdirSync(desk.data, { mode: 0o700 });
  writeFileSync(`${desk.data}/settings.json`, JSON.stringify({ tunnel: 'quick', cloudflared: process.env.OFFDESK_CLOUDFLARED }));
  const begin = performance.now();
  desk.app('--show', '/connect/edge');
  await desk.code();
  codes.push(Math.round(performance.now() - begin));
  await desk.down();
  edge.close();
}
figures.codeMs = { least: Math.min(...codes), median: median(codes), most: Math.max(...codes) };

const packages = new URL('../../target/dist', import.meta.url).pathname;
if (existsSync(packages)) {
  figures.packagesMB = Object.fromEntries(readdirSync(packages).filter((name) => /\.(deb|rpm|gz)$/.test(name)).map((name) => [name, Number((statSync(`${packages}/${name}`).size / 1e6).toFixed(1))]));
}
for (const what of after) await what();
console.log(JSON.stringify(figures, null, 2));
