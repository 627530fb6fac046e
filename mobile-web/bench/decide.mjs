// From the moment a decision leaves the phone until the phone shows that the agent has it, on loopback.
import { Desk, card, phone } from '../e2e/story.mjs';
import { times } from './figures.mjs';

const ROUNDS = 20;

export async function decide() {
  const desk = new Desk();
  await desk.start();
  const { browser, page } = await phone();
  try {
    // A tap is held for a moment in which it can be taken back; its way begins when it is sent.
    await page.addInitScript(() => {
      window.told = new Promise((done) => {
        let sent;
        new MutationObserver(() => {
          const receipt = document.querySelector('.receipt')?.textContent ?? '';
          if (receipt === 'Sending…') sent ??= performance.now();
          if (/the agent has it|done$/.test(receipt)) done(performance.now() - sent);
        }).observe(document, { subtree: true, childList: true, characterData: true });
      });
    });
    await page.goto(desk.loginUrl);
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    const list = [];
    for (let round = 0; round < ROUNDS; round++) {
      const run = JSON.parse(await desk.cli('run', '--agent', 'demo', '--dir', desk.workspace, '--detach', '--json', 'run: true'));
      await page.goto(`${desk.url}/#/run/${run.id}`);
      // Loaded anew, what was told before is forgotten.
      await page.reload();
      await card(page).getByRole('button', { name: 'Allow', exact: true }).tap();
      list.push(await page.evaluate(() => window.told));
      await desk.cli('stop', run.id);
    }
    return { 'a decision sent to “the agent has it” on the phone (goal p95 50 ms)': times(list) };
  } finally {
    await browser.close();
    await desk.close();
  }
}
