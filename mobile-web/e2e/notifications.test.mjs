// The pocket buzzes: a real gateway, a push service of ours, and the browser's real service worker.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { Edge } from './outside.mjs';
import { kept } from './paired.mjs';
import { PushService, shown, tapOn } from './push.mjs';
import { Desk, card, phone, startRun, until } from './story.mjs';

const connected = (page) => page.getByRole('status').filter({ hasText: /Connected/ }).first();

/** Who decided something just now is taken to be there, and is told a quarter of a minute later. */
const BEFORE_IT_IS_TOLD = 60_000;

async function pocketed(what) {
  const edge = await new Edge().start();
  const push = await new PushService().start();
  const desk = new Desk({ ...edge.env, OFFDESK_PUSH_LOOPBACK: '1' }, edge.args);
  await desk.start();
  const { browser, context, page, complaints } = await phone(edge.rules);
  const notify = async () => JSON.parse(await desk.cli('notify', '--json'));
  const told = async (key) => (await notify()).recent.find((one) => one.key === key);
  try {
    await until('reachable from outside', async () => {
      const health = JSON.parse(await desk.cli('doctor', '--json'));
      return health.ok && health.hops[0].state === 'ok';
    });
    const offer = JSON.parse(await desk.cli('pair', '--json'));
    const origin = new URL(offer.loginUrl).origin;
    await context.grantPermissions(['notifications'], { origin });
    await push.serve(context);
    await page.goto(offer.loginUrl);
    await page.getByRole('heading', { name: 'Almost there' }).waitFor();
    const [waiting] = JSON.parse(await desk.cli('devices', '--json')).waiting;
    await desk.cli('devices', 'approve', waiting.device);
    await connected(page).waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await what({ edge, push, desk, browser, context, page, origin, notify, told });
    assert.deepEqual(complaints, []);
  } catch (error) {
    // How far each came, on this side and on that.
    const { recent } = await notify().catch(() => ({ recent: [] }));
    for (const { key, dueAt, sent, ended, deliveries } of recent) console.log(`# ${JSON.stringify({ key, dueAt, sent, ended, deliveries })}`);
    for (const { at, message } of push.taken) console.log(`# taken ${at} ${message.notification.tag}${message.offdesk.back ? ' back' : ''}`);
    for (const line of push.said) console.log(`# ${line}`);
    throw error;
  } finally {
    push.leave();
    await browser.close();
    await desk.close();
    edge.close();
    push.close();
  }
}

/**
 * By the phone's own word, and only then looked at: asking a browser what it shows while that is on its way to the screen
 * makes it forget what belongs to it.
 */
const isShown = (told, key) => until(`${key} is shown`, async () => (await told(key))?.deliveries[0]?.state === 'shown', BEFORE_IT_IS_TOLD);

const start = (desk, prompt) => desk.cli('run', '--agent', 'demo', '--dir', desk.workspace, '--detach', '--json', prompt).then(JSON.parse);
async function asked(desk, run) {
  let open = [];
  await until('it asks', async () => (open = JSON.parse(await desk.cli('approvals', '--run', run, '--json'))).length > 0);
  return open[0];
}

test('a phone in a pocket is told, opens the very card, decides where it is shown, and forgets what is answered', { timeout: 300_000 }, async () => {
  await pocketed(async ({ push, desk, context, page, origin, notify, told }) => {
    // Asked in context: not before there is something to be told of.
    await page.goto(`${origin}/#/notifications`);
    await page.getByRole('switch', { name: 'Tell me here' }).check();
    await until('it takes notifications', async () => (await notify()).subscriptions.length === 1);
    assert.equal((await notify()).subscriptions[0].origin, origin);
    await push.deliver(page);

    // The test button proves the chain, to the tap.
    await page.getByRole('button', { name: 'Send a test' }).tap();
    await page.getByText('It was shown. Open it').waitFor();
    await tapOn(context, (await shown(context))[0].tag);
    await page.getByText('all of it works').waitFor();

    // In the pocket: no page is open. What it shows is said by the worker, over the sealed link.
    await page.goto('about:blank');
    const run = await start(desk, 'run: echo secret-word > one.txt');
    const first = await asked(desk, run.id);
    const key = `approval/${first.id}`;
    await isShown(told, key);
    const [notification] = await shown(context);
    assert.deepEqual([notification.title, notification.body, notification.actions], ['workspace needs you', 'It asks to run a command.', []]);

    // A tap opens exactly this card.
    await page.goto(`${origin}/`);
    await connected(page).waitFor();
    const before = Date.now();
    await tapOn(context, key);
    await card(page).getByText('echo secret-word > one.txt').waitFor();
    console.log(`# from the tap to the card: ${Date.now() - before} ms`);
    assert.equal(new URL(page.url()).hash, `#/approval/${first.id}`);
    await until('it was opened', async () => (await told(key)).deliveries[0].state === 'opened');
    await card(page).getByRole('button', { name: 'Allow', exact: true }).tap();
    await until('it ran', () => desk.file('one.txt') !== '');
    await desk.cli('stop', run.id);

    // Answered at the desk: the phone shows it no more.
    await page.goto('about:blank');
    const second = await start(desk, 'ask: which colour?');
    const question = await asked(desk, second.id);
    await isShown(told, `approval/${question.id}`);
    assert.ok((await shown(context)).some((one) => one.tag === `approval/${question.id}`));
    await desk.cli('answer', question.id, 'green');
    await until('it is over on the phone', async () => !(await shown(context)).some((one) => one.tag === `approval/${question.id}` && one.body === 'It has a question.'));
    await desk.cli('stop', second.id);

    // With the first line wished for, a short command is shown whole, and decided there. Two that ask at once are both shown.
    await desk.cli('notify', 'first-line', 'on');
    const [third, fourth] = await Promise.all([start(desk, 'run: echo hi > three.txt'), start(desk, 'ask: which size?')]);
    const [short, other] = await Promise.all([asked(desk, third.id), asked(desk, fourth.id)]);
    for (const one of [short, other]) await isShown(told, `approval/${one.id}`);
    const both = await shown(context);
    const whole = both.find((one) => one.tag === `approval/${short.id}`);
    assert.equal(both.find((one) => one.tag === `approval/${other.id}`)?.body, 'which size?');
    assert.deepEqual([whole.body, whole.actions], ['echo hi > three.txt', ['allow', 'deny']]);
    await tapOn(context, `approval/${short.id}`, 'allow');
    await until('it ran', () => desk.file('three.txt') === 'hi\n');
    const approval = JSON.parse(await desk.cli('events', third.id).then((text) => text.split('\n').find((line) => line.includes('approval.resolved'))));
    assert.equal(approval.event.by.device, (await notify()).subscriptions[0].device, 'by this phone, under the hash it was shown');
  });
});

test('a new address is announced, and one tap goes on there', { timeout: 300_000 }, async () => {
  await pocketed(async ({ edge, push, desk, context, page, origin, notify, told }) => {
    await page.goto(`${origin}/#/notifications`);
    await page.getByRole('switch', { name: 'Tell me here' }).check();
    await until('it takes notifications', async () => (await notify()).subscriptions.length === 1);
    await push.deliver(page);
    // A page is kept whole a moment after it was opened.
    await kept(page);
    await page.goto('about:blank');
    const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
    const tunnel = lines.find((text) => text.includes('scripted-cloudflared tunnel') && text.includes(desk.data));
    process.kill(Number(tunnel.trim().split(/\s+/)[0]), 'SIGKILL');
    // The worker has checked the record and says by the new way that it was shown.
    await isShown(told, 'address');
    const { data } = (await shown(context)).find((one) => one.tag === 'address');
    const moved = JSON.parse(data.moved.record).paths.find((path) => path.kind === 'edge').url;
    assert.notEqual(moved, origin);
    await until('the receipt came by the new address', () => edge.seen().some((line) => line.path === '/link' && `https://${line.host}` === moved));
    // Nobody answers at the old address any more: the page comes from what the phone kept, and goes on at the new one.
    await page.goto(`${origin}/`);
    await connected(page).waitFor();
    await tapOn(context, 'address');
    await connected(page).waitFor();
    await startRun(page, 'Demo agent', 'run: echo moved > moved.txt');
    await card(page).getByRole('button', { name: 'Allow', exact: true }).tap();
    await until('it ran', () => desk.file('moved.txt') === 'moved\n');
  });
});
