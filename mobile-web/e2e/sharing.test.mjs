// Another app shares with Offdesk: what it hands over waits on the phone until its person has sent it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { look } from './looks.mjs';
import { connected, events, kept, letIn, outThere } from './paired.mjs';
import { until } from './story.mjs';

const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** As the system's share sheet does it: a form to the address that the manifest names. */
async function share(context, origin, fields, picture) {
  const page = await context.newPage();
  await page.goto('about:blank');
  await page.evaluate(([action, fields, picture]) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', enctype: 'multipart/form-data', action });
    for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement('input'), { name, value }));
    if (picture) {
      const given = new DataTransfer();
      given.items.add(new File([Uint8Array.from(atob(picture), (c) => c.charCodeAt(0))], 'screen.png', { type: 'image/png' }));
      const input = Object.assign(document.createElement('input'), { type: 'file', name: 'files' });
      input.files = given.files;
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  }, [`${origin}/share`, fields, picture]);
  await page.waitForURL(`${origin}/#/new`);
  return page;
}
const waiting = (page) => page.evaluate(() => new Promise((done, fail) => {
  const open = indexedDB.open('offdesk-shared');
  open.onerror = fail;
  open.onsuccess = () => {
    const all = open.result.transaction('things').objectStore('things').getAll();
    all.onsuccess = () => done(all.result.length);
  };
}));

test('a link shared before the phone is let in, and a picture shared in a tunnel, go with the run that is started later', { timeout: 300_000 }, async () => {
  await outThere(async ({ desk, edge, context, page, origin }) => {
    page.setDefaultTimeout(20_000);
    await page.goto(origin);
    await page.getByRole('heading', { name: 'This page needs a new address' }).waitFor();
    await kept(page);

    // Not let in yet: kept, and said so.
    const first = await share(context, origin, { title: 'An issue', text: 'say: fix https://issues.example/7\u202e', url: 'https://issues.example/7' });
    await first.getByText('What you shared is kept on this device').waitFor();
    await look(first, 'locked-shared');
    await first.close();
    await letIn(desk, page);
    await page.getByRole('link', { name: /Shared, and not sent yet/ }).tap();
    const prompt = page.getByRole('textbox', { name: 'Prompt' });
    await until('its words stand in the form', async () => (await prompt.inputValue()) === 'An issue\nsay: fix https://issues.example/7');
    await page.getByText('From another app. Read it before you start').waitFor();
    await look(page, 'new-shared');
    await until('the words are the draft’s now', async () => (await waiting(page)) === 0);

    // Without a line: the shell is there, the draft stays, the picture waits beside it.
    await page.close();
    await edge.say('down');
    let again = await share(context, origin, { text: 'say: and look at this' }, PICTURE);
    const both = 'An issue\nsay: fix https://issues.example/7\n\nsay: and look at this';
    await until('the draft grew', async () => (await again.getByRole('textbox', { name: 'Prompt' }).inputValue()) === both);
    await again.getByText('Not connected: this is as of').waitFor();
    assert.equal(again.url(), `${origin}/#/new`, 'nothing of it stands in the address');
    // Thrown away by the phone, and opened anew.
    await again.close();
    again = await context.newPage();
    await again.goto(origin);
    await again.getByRole('link', { name: /Shared, and not sent yet/ }).tap();
    assert.equal(await again.getByRole('textbox', { name: 'Prompt' }).inputValue(), both, 'said once');
    const files = again.getByRole('list', { name: 'Files that go with it' });
    await files.getByText('screen.png').waitFor();
    await edge.say('up');
    await connected(again).waitFor({ timeout: 30_000 });
    await again.getByRole('button', { name: 'Demo agent' }).first().tap();
    await again.getByRole('button', { name: 'Start' }).tap({ timeout: 30_000 });
    await again.getByText('and look at this').first().waitFor();
    const [run] = JSON.parse(await desk.cli('ls', '--json'));
    const sent = (await events(desk, run.id)).find(({ event }) => event.type === 'prompt.sent').event;
    assert.equal(sent.text, both);
    assert.deepEqual(sent.attachments.map(({ name }) => name), ['screen.png']);
    await until('nothing of it is kept any more', async () => (await waiting(again)) === 0);
    await again.getByRole('link', { name: 'All runs' }).tap();
    assert.equal(await again.getByRole('link', { name: /Shared, and not sent yet/ }).count(), 0);
    assert.ok(!edge.seen().some(({ path }) => path?.startsWith('/share')), 'nothing of it went over any line unsealed');
  }, [320]);
});
