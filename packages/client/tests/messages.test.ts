import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { ago, bytes, clock, dollars, languageOf, listed, localeOf, many, number, speak, t, when } from '../src/messages/index.ts';
import { differences, messagesIn } from '../checks/languages.mjs';
import { literalsIn } from '../checks/literals.mjs';

afterEach(() => speak('en', []));

test('a page speaks what was chosen, else the first of the system’s languages that it can', () => {
  expect(languageOf('de', ['en-GB'])).toBe('de');
  expect(languageOf('system', ['de-AT', 'en'])).toBe('de');
  expect(languageOf('system', ['fr', 'pt-BR', 'de', 'en'])).toBe('de');
  expect(languageOf('system', ['fr'])).toBe('en');
  expect(languageOf('system', [])).toBe('en');
  // No tag that only begins alike.
  expect(languageOf('system', ['den'])).toBe('en');
});

test('dates and numbers follow the person’s region where it is of the language', async () => {
  expect(localeOf('de', ['en-GB', 'de-AT'])).toBe('de-AT');
  expect(localeOf('de', ['en-GB'])).toBe('de');
  await speak('en', ['en-GB']);
  expect(when('2026-03-09T14:05:00')).toMatch(/^9 Mar 2026/);
  await speak('de', ['de-CH']);
  expect(number(12_345.6, 1)).toMatch(/^12['’]345\.6$/);
});

test('counts, times and sizes are said as each language does', async () => {
  const said = () => [
    t.changes.files(1), t.changes.files(0), t.changes.files(1234), bytes(1_540), bytes(999_600), ago(0, 125_000), ago(0, 90_000_000), listed(['a', 'b']), dollars(3.5), clock('2026-03-09T14:05:00'),
  ];
  await speak('en', ['en-US']);
  expect(said()).toEqual(['1 file', '0 files', '1,234 files', '1.5 kB', '1.0 MB', '2m', '1d', 'a and b', '$3.50', '02:05 PM']);
  await speak('de', ['de-DE']);
  expect(said()).toEqual(['1 Datei', '0 Dateien', '1.234 Dateien', '1,5 kB', '1,0 MB', '2 Min.', '1 Tg.', 'a und b', '3,50\u00a0$', '14:05']);
});

test('a form that a language lacks is the other one', async () => {
  await speak('de', []);
  expect(many(2, { other: '# mal' })).toBe('2 mal');
  expect(many(1, { one: 'einmal', other: '# mal' })).toBe('einmal');
});

test('of two choices made one after the other the last one holds', async () => {
  await Promise.all([speak('de', []), speak('en', [])]);
  expect(t.approval.allow).toBe('Allow');
});

test('a page says which language it is in', async () => {
  const page = { documentElement: { lang: 'en' } };
  vi.stubGlobal('document', page);
  await speak('de', []);
  expect(page.documentElement.lang).toBe('de');
  vi.unstubAllGlobals();
});

test('text outside messages is found, wherever it can be seen or heard', () => {
  const component = `
<script lang="ts">
  let trouble = $state('');
  const fail = () => (trouble = 'Nothing was sent.');
  const note = \`\${trouble} is here.\`;
</script>
<p class="soft small">Hello</p>
<button aria-label="Close it" title={on ? 'On' : t.x.off}>{t.act.close}</button>
<input placeholder={\`Go on in \${dir}\`} type="text" />
{#if on}{visible('Yes')} {run.state === 'working' ? '' : count || 'None'}{/if}
<code>offdesk pair</code> <b>Offdesk</b> {'·'} <Part label="More" />
<style>p { color: red }</style>`;
  expect(literalsIn(component, 'Some.svelte').map(({ text }) => text).sort()).toEqual(
    ['Close it', 'Go on in', 'Hello', 'More', 'None', 'Nothing was sent.', 'On', 'Yes', '… is here.'].sort());
  expect(literalsIn(`throw new TypeError('not for people');\nconst media = matchMedia('(min-width: 46rem) and (width)');`, 'some.ts')).toEqual([]);
  expect(literalsIn(component, 'Some.svelte').find(({ text }) => text === 'Hello')?.line).toBe(7);
});

test('languages that differ are told apart, name by name and slot by slot', () => {
  const en = messagesIn(`export const run = { stop: 'Stop', files: (count: number) => many(count, { other: '# files' }), at: (a: string, b: string) => \`\${a} \${b}\` };`);
  const de = messagesIn(`export const run: Messages['run'] = { files: (count) => 'Dateien', at: (a) => a, more: 'Mehr' };`);
  expect(differences(en, de).sort()).toEqual(['run.at takes (a) and not (a, b)', 'run.files leaves out count', 'run.more is in no other language', 'run.stop is missing']);
  expect(differences(en, en)).toEqual([]);
  // What the check reads is what the pages load.
  const area = messagesIn(readFileSync(new URL('../src/messages/en/approval.ts', import.meta.url), 'utf8'));
  expect([...area.keys()].map((name) => name.split('.')[1]).sort()).toEqual(Object.keys(t.approval).sort());
});
