// What a person does with the icon in the tray, on a real desktop with a real tray host.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { CLI, Desktop, TRAY, until } from './desktop.mjs';
import { alive, atRest, gatewayPid, settled, start, waiting } from './story.mjs';

test('an approval is seen in the tray and answered there', async (t) => {
  const desk = await Desktop.up(t);
  const heard = await desk.notifications();
  const app = await atRest(desk);
  assert.deepEqual(await desk.registered(), [`org.kde.StatusNotifierItem-${app.pid}-1/StatusNotifierItem`]);
  const idle = await desk.icon(app.pid);
  assert.equal(idle.status, 'Active');
  assert.deepEqual(idle.pixmaps.map((one) => one.width), [32, 64]);
  assert.equal((await desk.windows()).length, 0, 'no window is open');

  const run = await start(desk, 'run: echo hi > made.txt\nsay: all done');
  await desk.line(app.pid, /^◆/, 'echo hi > made.txt');
  const calls = await desk.icon(app.pid);
  assert.equal(calls.status, 'NeedsAttention');
  assert.notDeepEqual(calls.pixmaps, idle.pixmaps);
  await until('a notification', () => heard.some((one) => one.title?.endsWith('needs you')));
  assert.ok(!heard.some((one) => one.body?.includes('echo')), 'what is asked is not told to whoever passes');

  // What only just came is shown rather than decided; a moment later a click counts.
  await settled(desk, app.pid);
  await desk.click(app.pid, /^◆/, 'Allow');
  await until('the file', () => existsSync(join(desk.env.HOME, 'made.txt')));
  await until('the notification to be taken back', () => heard.some((one) => one.closed));
  await until('a rest', async () => (await desk.icon(app.pid)).status === 'Active');
  const approvals = await desk.json('approvals', '--all');
  assert.equal(approvals.length, 1);
  assert.equal(approvals[0].resolution, 'allowed');
  assert.equal(approvals[0].decidedBy.name, 'the app on this machine');
  assert.equal(approvals[0].run, run.id);
  await until('news of the end', () => heard.some((one) => one.title?.endsWith('is done')));
});

test('what does not fit the menu is read in the window and denied from the menu', async (t) => {
  const desk = await Desktop.up(t);
  const app = await atRest(desk);
  const long = `run: echo ${'x'.repeat(80)} > made.txt`;
  await start(desk, long);
  const line = await desk.line(app.pid, /^◆/);
  assert.ok(!line.children.some((child) => child.text === 'Allow'), JSON.stringify(line));
  await desk.click(app.pid, /^◆/, /^Read it all/);
  await desk.window('Offdesk');
  await settled(desk, app.pid);
  await desk.click(app.pid, /^◆/, 'Deny');
  await until('the decision', async () => (await desk.json('approvals', '--all'))[0].resolution === 'denied');
  assert.ok(!existsSync(join(desk.env.HOME, 'made.txt')));
});

test('kill the app in the hardest way: run and gateway live, and the next start finds them', async (t) => {
  const desk = await Desktop.up(t);
  const app = await atRest(desk);
  const run = await start(desk, 'run: echo later > made.txt');
  const before = await waiting(desk, run);
  const gateway = gatewayPid(desk);
  app.kill('SIGKILL');
  await until('its end', () => app.signalCode);
  assert.ok(alive(before.pid), 'the agent');
  assert.ok(alive(gateway), 'the gateway');
  const again = await desk.app('--hidden');
  await desk.line(again.pid, /^◆/, 'echo later > made.txt');
  assert.equal((await desk.json('show', run.id)).pid, before.pid);
  assert.equal(gatewayPid(desk), gateway);
});

test('a gateway that is killed is started again, and a run keeps its process', async (t) => {
  const desk = await Desktop.up(t);
  const app = await atRest(desk);
  const run = await start(desk, 'run: echo later > made.txt');
  const before = await waiting(desk, run);
  const first = gatewayPid(desk);
  process.kill(first, 'SIGKILL');
  await until('another gateway', () => gatewayPid(desk) !== first);
  await until('the approval', async () => (await desk.icon(app.pid)).tooltip.includes('one decision waits'));
  assert.equal((await desk.json('show', run.id)).pid, before.pid);
});

test('a second start only comes to the front, with what it was asked for', async (t) => {
  const desk = await Desktop.up(t);
  const app = await atRest(desk);
  for (const words of [[], ['--show', '/settings'], ['offdesk://devices'], ['offdesk://evil/../x']]) {
    const second = desk.app(...words);
    await until('the end of the second', () => second.exitCode !== null);
    assert.equal(second.exitCode, 0);
    await desk.window('Offdesk');
    await until('one window', async () => (await desk.windows()).length === 1);
  }
  assert.equal(app.exitCode, null);
});

test('being asked to end by the system is the same way out as Quit', async (t) => {
  const desk = await Desktop.up(t);
  const app = await atRest(desk);
  const run = await start(desk, 'run: echo later > made.txt');
  const { pid } = await waiting(desk, run);
  app.kill('SIGTERM');
  await until('the end', () => app.exitCode !== null);
  assert.equal(app.exitCode, 0);
  assert.ok(alive(pid));
});

test('quitting with everything leaves nothing behind', async (t) => {
  const desk = await Desktop.up(t);
  mkdirSync(desk.data, { mode: 0o700 });
  writeFileSync(join(desk.data, 'tray.json'), JSON.stringify({ onQuit: 'stop' }));
  const app = await atRest(desk);
  const run = await start(desk, 'sleep: 600');
  const { pid } = await until('the run to work', async () => {
    const view = await desk.json('show', run.id);
    return view.pid && view;
  });
  const gateway = gatewayPid(desk);
  await desk.click(app.pid, 'Quit…');
  await until('the end', () => app.exitCode !== null);
  assert.equal(app.exitCode, 0);
  assert.ok(!alive(gateway), 'the gateway is gone');
  assert.ok(!alive(pid), 'the agent is gone');
});

test('without a tray there is the window; a tray that comes later gets the icon', async (t) => {
  const desk = await Desktop.up(t, { tray: false });
  const app = desk.app('--hidden');
  await desk.window('Offdesk');
  await desk.gateway();
  await desk.panel();
  await until('the icon in the tray', async () => (await desk.registered()).some((one) => one.includes(`-${app.pid}-`)));
});

test('without a session bus there is the window, and it works', async (t) => {
  const desk = await Desktop.up(t, { bus: false });
  desk.app('--hidden');
  await desk.window('Offdesk');
  await desk.gateway();
});

test('remote access is paused and taken up from the menu', async (t) => {
  const desk = await Desktop.up(t);
  const app = await atRest(desk);
  await desk.click(app.pid, 'Pause remote access');
  await until('the tick', async () => (await desk.line(app.pid, 'Pause remote access')).ticked);
  assert.equal((await desk.json('reach')).paused, true);
  await until('the sentence', async () => (await desk.menu(app.pid))[0].text.includes('paused'));
  await desk.click(app.pid, 'Pause remote access');
  await until('no tick', async () => !(await desk.line(app.pid, 'Pause remote access')).ticked);
  assert.equal((await desk.json('reach')).paused, false);
});

test('a gateway that cannot be there is said, with what to do', async (t) => {
  const desk = await Desktop.up(t);
  // The app alone, without the program that runs agents.
  const alone = join(desk.folder, 'alone');
  mkdirSync(alone);
  copyFileSync(TRAY, join(alone, 'offdesk-tray'));
  const env = { ...desk.env, PATH: '/usr/bin:/bin' };
  const app = desk.start(join(alone, 'offdesk-tray'), ['--hidden'], env);
  const missing = await until('the sentence', async () => {
    const first = (await desk.menu(app.pid))[0].text;
    return first.includes('is missing') && first;
  });
  assert.ok(missing.includes('`offdesk`'), missing);
  // It is found as soon as it is there: nobody has to start the app again.
  writeFileSync(join(alone, 'offdesk'), '#!/bin/sh\necho "error: unexpected argument" >&2\nexit 2\n', { mode: 0o755 });
  await until('the other version', async () => (await desk.menu(app.pid))[0].text.includes('different versions'));
  copyFileSync(CLI, join(alone, 'offdesk.new'));
  writeFileSync(join(alone, 'offdesk'), '');
  renameSync(join(alone, 'offdesk.new'), join(alone, 'offdesk'));
  await desk.click(app.pid, 'Start the gateway now');
  await until('all well', async () => (await desk.icon(app.pid)).tooltip.includes('All well'), 40_000);
});

test('a data folder that cannot be is said, with what to do', async (t) => {
  const desk = await Desktop.up(t);
  writeFileSync(desk.data, 'a file where the folder should be');
  const app = desk.app('--hidden');
  const sentence = await until('the sentence', async () => {
    const first = (await desk.menu(app.pid))[0].text;
    return first.includes('cannot be written') && first;
  });
  assert.ok(sentence.includes(desk.data), sentence);
  assert.ok(!(await desk.icon(app.pid)).tooltip.includes('well'));
});

test('an older gateway is used until its person changes to the new one', async (t) => {
  const desk = await Desktop.up(t);
  mkdirSync(desk.data, { mode: 0o700 });
  let stopped = null;
  const old = createServer((request, answer) => {
    answer.setHeader('content-type', 'application/json');
    if (request.url === '/api/v1/about') {
      return answer.end(JSON.stringify({ version: '0.0.1', pid: process.pid, hostName: 'desk', url: 'http://127.0.0.1:1', startedAt: new Date().toISOString(), managed: true }));
    }
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      if (request.url !== '/api/v1/stop') return answer.writeHead(404).end('{}');
      stopped = JSON.parse(body);
      answer.writeHead(202).end('{}', () => {
        old.close();
        old.closeAllConnections();
      });
    });
  });
  await new Promise((done) => old.listen(join(desk.data, 'gateway.sock'), done));
  t.after(() => old.close());
  const app = desk.app('--hidden');
  await desk.line(app.pid, /^Change to the new gateway/);
  await desk.click(app.pid, /^Change to the new gateway/);
  await until('the new one', async () => (await desk.icon(app.pid)).tooltip.includes('All well'), 40_000);
  assert.deepEqual(stopped, { stopRuns: false });
});

test('keys are in the keyring; while it is locked work goes on here and nobody comes from outside', async (t) => {
  const desk = await Desktop.up(t);
  delete desk.env.OFFDESK_KEYS;
  await desk.keyring('a password');
  let app = await atRest(desk);
  assert.equal((await desk.json('reach')).keys, 'keyring');
  await desk.offdesk('quit');
  app.kill('SIGTERM');
  await until('the end', () => app.exitCode !== null);

  await desk.keyring();
  app = desk.app('--hidden');
  await until('the locked keys', async () => (await desk.json('reach')).keys === 'locked', 40_000);
  const { warnings } = await desk.json('doctor').catch((error) => JSON.parse(error.stdout));
  assert.ok(warnings.some((one) => one.code === 'keysLocked'), JSON.stringify(warnings));
  await start(desk, 'run: echo hi > made.txt');
  await desk.line(app.pid, /^◆/, 'Allow');
  await settled(desk, app.pid);
  await desk.click(app.pid, /^◆/, 'Allow');
  await until('the file', () => existsSync(join(desk.env.HOME, 'made.txt')));
});

test('a shortcut that another program has is said, and the app works without it', async (t) => {
  const desk = await Desktop.up(t);
  await atRest(desk);
  // Somebody else on the same screen, with a bus and a data folder of their own, wants the same keys.
  const other = await Desktop.beside(t, desk);
  const app = other.app('--show', '/settings');
  await until('the second app', () => other.gateway());
  await until('the word about it', () => other.log('offdesk-tray').includes('taken by another program'));
  assert.equal(app.exitCode, null);
});
