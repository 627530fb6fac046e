// A run of 100,000 events is opened: from the tap to its newest words on the screen, beside a run of ten.
import { spawnSync } from 'node:child_process';
import { Desk, phone } from '../e2e/story.mjs';
import { times } from './figures.mjs';

const ROUNDS = 9;
const EVENTS = { large: 100_000, small: 10 };

async function opened(events) {
  const desk = new Desk();
  const stored = spawnSync(process.env.OFFDESK_BENCH, ['stored', desk.home, String(events)], { stdio: 'inherit' });
  if (stored.status !== 0) throw new Error('the run could not be stored');
  await desk.start();
  const { browser, page } = await phone();
  try {
    await page.goto(desk.loginUrl);
    await page.getByRole('link', { name: 'Runs' }).tap();
    const row = page.getByRole('link', { name: /bench/ });
    const list = [];
    for (let round = 0; round < ROUNDS; round++) {
      await row.waitFor();
      await page.evaluate(() => {
        window.painted = new Promise((done) => {
          addEventListener('click', () => {
            const begun = performance.now();
            const look = () => (document.querySelector('.story .item') ? requestAnimationFrame(() => done(performance.now() - begun)) : requestAnimationFrame(look));
            look();
          }, { once: true, capture: true });
        });
      });
      await row.tap();
      list.push(await page.evaluate(() => window.painted));
      await page.goBack();
    }
    return times(list);
  } finally {
    await browser.close();
    await desk.close();
  }
}

export async function large() {
  return {
    'tap to first paint of a run': {
      'of 100,000 events (goal 300 ms)': await opened(EVENTS.large), 'of ten': await opened(EVENTS.small),
    },
  };
}
