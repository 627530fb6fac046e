// The shape of a screen: what stands where, without letters and colours. Pixels differ from one machine's fonts to
// another's; what is compared here does not depend on how wide or high a text is, and a thing that vanished, moved,
// or lost its place in the order does show.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('shapes.json', import.meta.url);
/** A scroll bar, a border. */
const NEAR = 3;

/** Read in the page: landmarks and headings with their places, and what can be used between them by kind alone. */
function outline() {
  const KINDS = 'header, main, nav, footer, aside, section[aria-label], section[aria-labelledby], form, dialog[open], article, [role=log], [role=group][aria-label], h1, h2, h3, button, a[href], summary, select, textarea, input:not([type=hidden])';
  const lines = [];
  for (const element of document.querySelectorAll(KINDS)) {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.unseen, .xterm')) continue;
    const { left, width, height } = element.getBoundingClientRect();
    if (width === 0 || height === 0) continue;
    const tag = element.matches('input') ? `input ${element.type}` : element.localName;
    const big = element.matches('header, main, nav, footer, aside, section, form, dialog, article, [role=log], [role=group]');
    // What fills its row has its width from the screen; anything else from its letters.
    const place = big ? ` ${Math.round(left)}+${Math.round(width)}` : '';
    const name = element.matches('h1, h2, h3') ? '' : big && element.getAttribute('role') ? ` ${element.getAttribute('role')}` : '';
    const pinned = big && ['fixed', 'sticky'].includes(getComputedStyle(element).position) ? ' pinned' : '';
    const line = `${tag}${name}${pinned}${place}`;
    // How many there are of a kind may depend on the machine: which agents it has.
    if (lines.at(-1) !== line) lines.push(line);
  }
  return lines;
}

const same = (a, b) => {
  const [one, other] = [a, b].map((line) => /^(.*?)(?: (-?\d+)\+(\d+))?$/.exec(line));
  const near = (at) => Math.abs(Number(one[at] ?? 0) - Number(other[at] ?? 0)) <= NEAR;
  return one[1] === other[1] && near(2) && near(3);
};

/** Compares with how it was; `OFFDESK_SHAPES=write` takes it as it is now. */
export async function shape(page, name) {
  const key = `${name} ${page.viewportSize().width}`;
  const all = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
  const now = await page.evaluate(outline);
  if (process.env.OFFDESK_SHAPES === 'write') {
    const sorted = Object.entries({ ...all, [key]: now }).sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(FILE, `{\n${sorted.map(([name, lines]) => `  ${JSON.stringify(name)}: ${JSON.stringify(lines)}`).join(',\n')}\n}\n`);
    return;
  }
  const before = all[key];
  assert.ok(before, `${key} has no shape yet: OFFDESK_SHAPES=write takes it`);
  if (before.length !== now.length || !before.every((line, at) => same(line, now[at]))) {
    assert.deepEqual(now, before, `the shape of ${key} changed; if that was wanted, OFFDESK_SHAPES=write takes it`);
  }
}

/** What overlaps something else that can be used, or ends outside of its screen; and words that are cut off there. */
export const wrong = (page) => page.evaluate(() => {
  const found = [];
  // What is too wide makes a phone zoom out, and `innerWidth` with it; this stays as wide as the screen.
  const wide = document.documentElement.clientWidth;
  const within = document.querySelector('dialog:modal') ?? document;
  const usable = [...within.querySelectorAll('button, a[href], summary, select, textarea, input:not([type=hidden])')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches('.unseen') && !one.closest('.xterm, .unseen'));
  const name = (one) => (one.getAttribute('aria-label') ?? one.textContent ?? '').trim().slice(0, 40) || one.outerHTML.slice(0, 60);
  const scrolls = (one) => {
    for (let above = one.parentElement; above; above = above.parentElement) if (['auto', 'scroll'].includes(getComputedStyle(above).overflowX)) return true;
    return false;
  };
  /** What of it is in sight: the rest may be scrolled away below something else. */
  const sight = (one) => {
    let { left, right, top, bottom } = one.getBoundingClientRect();
    for (let above = one.parentElement; above && above !== document.body; above = above.parentElement) {
      if (getComputedStyle(above).overflowY === 'visible') continue;
      const frame = above.getBoundingClientRect();
      [left, right, top, bottom] = [Math.max(left, frame.left), Math.min(right, frame.right), Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
    }
    return { left, right, top, bottom };
  };
  const boxes = usable.map((one) => ({ one, box: one.getBoundingClientRect(), seen: sight(one), pinned: ['fixed', 'sticky'].includes(getComputedStyle(one.closest('nav, .start, .jump') ?? one).position) }));
  for (const { one, box } of boxes) if (box.width > 0 && (box.left < -1 || box.right > wide + 1) && !scrolls(one)) found.push(`${name(one)} ends beside the screen`);
  /** It ends with an ellipsis where there is more, or is there for the ear alone. */
  const abridged = (one) => {
    for (let above = one; above; above = above.parentElement) {
      const { textOverflow, webkitLineClamp, clipPath } = getComputedStyle(above);
      if (textOverflow === 'ellipsis' || webkitLineClamp !== 'none' || clipPath.startsWith('inset(50%')) return true;
    }
    return false;
  };
  /** A strip that is pushed sideways. What scrolls up and down must not hide anything beside it. */
  const strip = (one) => {
    for (let above = one; above; above = above.parentElement) {
      if (['auto', 'scroll'].includes(getComputedStyle(above).overflowX) && above.scrollHeight <= above.clientHeight + 1) return true;
    }
    return false;
  };
  const texts = document.createTreeWalker(within === document ? document.body : within, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { parentElement: one, data } = texts.currentNode;
    if (!data.trim() || !one.checkVisibility({ visibilityProperty: true }) || one.closest('.xterm, .unseen, option') || strip(one) || abridged(one)) continue;
    const words = document.createRange();
    words.selectNodeContents(texts.currentNode);
    const { left, right, width } = words.getBoundingClientRect();
    if (width > 0 && (right > wide + 1 || left < -1)) found.push(`“${data.trim().slice(0, 40)}” is cut off`);
  }
  for (const [at, a] of boxes.entries()) {
    for (const b of boxes.slice(at + 1)) {
      if (a.pinned !== b.pinned || a.one.contains(b.one) || b.one.contains(a.one)) continue;
      const broad = Math.min(a.seen.right, b.seen.right) - Math.max(a.seen.left, b.seen.left);
      const high = Math.min(a.seen.bottom, b.seen.bottom) - Math.max(a.seen.top, b.seen.top);
      if (broad > 4 && high > 4) found.push(`${name(a.one)} lies over ${name(b.one)}`);
    }
  }
  if (document.documentElement.scrollWidth > wide) found.push(`it is ${document.documentElement.scrollWidth - wide} px wider than the screen`);
  return found;
});

/** With the tabulator through a screen: all that can be used is reached, can be seen, and shows that it has the focus. */
export async function byKeys(page) {
  const count = await page.evaluate(() => {
    document.activeElement?.blur?.();
    window.scrollTo(0, 0);
    const all = [...document.querySelectorAll('button, a[href], summary, select, textarea, input:not([type=hidden]), [tabindex]')]
      .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0 && !one.closest('.xterm'));
    // Of radio buttons one is reached, and arrows lead to the others.
    const seen = new Set();
    window.wanted = all.filter((one) => one.type !== 'radio' || (!seen.has(one.name) && seen.add(one.name)));
    window.reached = new Set();
    return window.wanted.length;
  });
  const found = [];
  for (let press = 0; press < Math.min(count + 6, 120); press++) {
    await page.keyboard.press('Tab');
    const what = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body) return null;
      window.reached.add(one.type === 'radio' ? one.name : one);
      const label = one.matches('input[type=radio], input[type=checkbox]') ? one.closest('label') : null;
      const shown = label ?? one;
      const { left, top, width, height } = shown.getBoundingClientRect();
      const name = (one.getAttribute('aria-label') ?? one.textContent ?? '').trim().slice(0, 40) || one.outerHTML.slice(0, 80);
      const x = Math.min(Math.max(left + width / 2, 0), innerWidth - 1);
      const y = Math.min(Math.max(top + Math.min(height / 2, innerHeight / 2), 0), innerHeight - 1);
      const at = document.elementFromPoint(x, y);
      if (!at || !(shown.contains(at) || at.contains(shown))) return `${name} has the focus and is covered by ${at?.outerHTML.slice(0, 60)}`;
      const ring = [one, one.nextElementSibling, label, one.parentElement].some((part) => part && (getComputedStyle(part).outlineStyle !== 'none' || getComputedStyle(part).boxShadow !== 'none'));
      return ring ? null : `${name} does not show that it has the focus`;
    });
    if (what && !found.includes(what)) found.push(what);
  }
  const missed = await page.evaluate(() => window.wanted.slice(0, 100).filter((one) => one.isConnected && !window.reached.has(one.type === 'radio' ? one.name : one))
    .map((one) => one.outerHTML.slice(0, 100)));
  return [...found, ...missed.map((one) => `${one} is never reached`)];
}
