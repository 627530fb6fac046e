// `npm run check`: all that a person reads is a message, and each language has all of them.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { differences, messagesIn } from './languages.mjs';
import { literalsIn } from './literals.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MESSAGES = join(ROOT, 'packages/client/src/messages');
const SOURCES = ['packages/client/src', 'packages/ui/src', 'mobile-web/src', 'src-ui/src'];
/** Messages themselves; generated types; the link, whose errors are for programmers. */
const OTHERS = /\/(messages|link)\/|types\.gen\.ts$/;

const filesIn = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
const read = (path) => readFileSync(path, 'utf8');

const wrong = [];
for (const path of SOURCES.flatMap((folder) => filesIn(join(ROOT, folder)))) {
  if (!/\.(svelte|ts|js)$/.test(path) || OTHERS.test(path)) continue;
  for (const { line, text } of literalsIn(read(path), path)) wrong.push(`${relative(ROOT, path)}:${line} says “${text}” itself; it belongs into packages/client/src/messages.`);
}

const all = (language) => new Map(filesIn(join(MESSAGES, language)).filter((path) => !path.endsWith('index.ts')).flatMap((path) =>
  [...messagesIn(read(path))].map(([name, message]) => [join(relative(join(MESSAGES, language), dirname(path)), name), message])));
const [measure, ...others] = readdirSync(MESSAGES, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort((a) => (a === 'en' ? -1 : 1));
for (const language of [measure, ...others]) wrong.push(...differences(all(measure), all(language)).map((what) => `${language}: ${what}.`));

console.log(wrong.length === 0 ? 'Everything said is a message, in each language.' : wrong.join('\n'));
process.exitCode = wrong.length === 0 ? 0 : 1;
