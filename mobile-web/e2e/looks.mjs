// What every screen owes a person: nothing cut off, everything within a thumb's reach, and no violation that axe knows of.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = [{ width: 390, height: 844 }, { width: 320, height: 640 }];
const SCHEMES = ['light', 'dark'];

async function violations(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    // What is drawn by a library for the eye alone has its own way to be read.
    const { violations: found } = await window.axe.run({ exclude: [['.xterm']] }, { resultTypes: ['violations'] });
    return found.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} (${node.failureSummary?.replaceAll('\n', ' ').slice(0, 200)})`).join(' | ')}`);
  });
}

/** What can be pressed and is too small for a thumb; links in the middle of a sentence are part of it. */
function tooSmall() {
  const LEAST = 43.5;
  const wrong = [];
  // What is behind a sheet can't be pressed at all.
  const within = document.querySelector('dialog:modal') ?? document;
  for (const element of within.querySelectorAll('button, a[href], summary, select, textarea, input:not([type=hidden])')) {
    if (element.closest('.xterm') || element.closest('.unseen') || !element.checkVisibility({ visibilityProperty: true })) continue;
    const label = element.matches('input[type=radio], input[type=checkbox]') ? element.closest('label') : null;
    if (element.matches('.unseen') && !label) continue;
    if (element.matches('a') && getComputedStyle(element).display === 'inline') continue;
    const { width, height, left, top } = (label ?? element).getBoundingClientRect();
    if (width === 0 || height >= LEAST) continue;
    // Drawn smaller than what answers to the thumb.
    const x = left + width / 2;
    const y = top + height / 2;
    const answers = [-21, 21].every((far) => {
      const at = document.elementFromPoint(x, y + far);
      return !at || element.contains(at);
    });
    if (!answers) wrong.push(`${element.outerHTML.slice(0, 120)} is ${Math.round(height)} px high`);
  }
  return wrong;
}

/** Taking pictures at several sizes can leave a browser zoomed in, which a person would see and no picture should show. */
export async function unzoomed(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setPageScaleFactor', { pageScaleFactor: 1 });
  await cdp.detach();
}

/** Looks at a screen, in both sizes and by day and night; leaves pictures where `OFFDESK_SHOTS` says. */
export async function look(page, name, sizes = SIZES) {
  const before = page.viewportSize();
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      if (process.env.OFFDESK_SHOTS) {
        mkdirSync(process.env.OFFDESK_SHOTS, { recursive: true });
        await unzoomed(page);
        await page.screenshot({ path: join(process.env.OFFDESK_SHOTS, `${name}-${size.width}-${colorScheme}.png`) });
      }
      const wrong = (await violations(page)).concat(colorScheme === 'light' ? await page.evaluate(tooSmall) : []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) wrong.push(`it is ${wide} px wider than the screen`);
      if (wrong.length > 0 && process.env.OFFDESK_LOOK_ONLY) console.log(`${name} ${size.width} ${colorScheme}:\n  ${wrong.join('\n  ')}`);
      else assert.deepEqual(wrong, [], `${name} at ${size.width} px, ${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  if (before) await page.setViewportSize(before);
}
