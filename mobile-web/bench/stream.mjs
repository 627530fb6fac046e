// A model writes some 500 tokens a second: how evenly the page is drawn meanwhile, beside the same page at rest, and what
// it holds afterwards. A minute of it; an hour with `OFFDESK_BENCH_LONG=1`.
import { Desk, model, phone, startRun } from '../e2e/story.mjs';
import { held, times } from './figures.mjs';

/** What the scripted model is to write: twelve letters, about three tokens, every so many seconds. */
const PAUSE = 0.004;
const TURN_S = 30;
const WATCHED_MS = 25_000;
/** Words to a paragraph. */
const PARAGRAPH = 60;
const TURNS = process.env.OFFDESK_BENCH_LONG ? 120 : 2;
const TOKEN_LETTERS = 4;

/** Times between frames, for so long. */
const frames = (page, ms) => page.evaluate((ms) => new Promise((done) => {
  const gaps = [];
  const end = performance.now() + ms;
  let before = performance.now();
  const frame = (now) => {
    gaps.push(now - before);
    before = now;
    if (now < end) requestAnimationFrame(frame);
    else done(gaps);
  };
  requestAnimationFrame(frame);
}), ms);

function evenness(gaps) {
  const late = gaps.filter((gap) => gap > 1000 / 60 * 1.5).length;
  return { ...times(gaps), 'frames a second': Math.round(1000 / (gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length)), 'late frames': `${(100 * late / gaps.length).toFixed(1)} %` };
}

export async function stream() {
  const service = await model();
  const desk = new Desk({ OLLAMA_HOST: service.url });
  await desk.start();
  const { browser, context, page } = await phone();
  try {
    await page.goto(desk.loginUrl);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable');
    await startRun(page, /Ollama/, 'Hello');
    const idle = page.getByText(/^○ idle$/);
    await idle.waitFor();
    const rest = evenness(await frames(page, 5_000));
    const before = await held(cdp);
    const words = Math.round((TURN_S / PAUSE) * 12 / 9);
    const gaps = [];
    const speeds = [];
    for (let turn = 0; turn < TURNS; turn++) {
      await page.getByRole('textbox', { name: 'Message' }).fill(`[[long n=${words} delay=${PAUSE} para=${PARAGRAPH}]]`);
      await page.getByRole('button', { name: 'Send' }).tap();
      await page.locator('.streaming').waitFor();
      const growing = page.evaluate((ms) => new Promise((done) => {
        const length = () => document.querySelector('.streaming')?.textContent.length ?? 0;
        const [from, began] = [length(), performance.now()];
        let [to, ended] = [from, began];
        const look = setInterval(() => length() > to && ([to, ended] = [length(), performance.now()]), 500);
        setTimeout(() => (clearInterval(look), done((to - from) / ((ended - began) / 1000))), ms);
      }), WATCHED_MS);
      gaps.push(...(await frames(page, WATCHED_MS)));
      speeds.push((await growing) / TOKEN_LETTERS);
      await idle.waitFor({ timeout: 20 * TURN_S * 1000 });
    }
    return {
      'while a model writes (goal 60 frames a second at 500 tokens a second)': {
        'tokens a second': Math.round(speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length), frames: evenness(gaps), 'the page at rest': rest,
      },
      [`held after ${TURNS} answers of ${TURN_S} s`]: { before, after: await held(cdp) },
    };
  } finally {
    await browser.close();
    await desk.close();
    service.close();
  }
}
