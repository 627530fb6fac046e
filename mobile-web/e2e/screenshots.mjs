// Pictures of the phone's page, for docs/screenshots/phone and its manifest: `cargo x screenshots phone`. They are taken on
// the way of the journeys that pass there, so each shows what a person would see then; names of journeys take those alone.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const into = new URL('../../docs/screenshots/phone/', import.meta.url).pathname;
const manifest = new URL('../public/screens/', import.meta.url).pathname;
/** The journeys, and of their pictures those that are kept: under which name. */
const JOURNEYS = {
  screens: { 'screen-now': 'now', 'screen-run': 'run', 'screen-approval': 'approval', 'screen-conversation': 'conversation', 'screen-more': 'more' },
  decide: { held: 'held', 'now-open': 'now-open', 'card-hostile': 'card-hostile' },
  work: {
    'card-edit': 'card-edit', 'card-plan': 'card-plan', 'card-question': 'card-question', 'changes-turn': 'changes-turn', 'new-claude': 'new-claude',
    history: 'history', 'terminal-keys': 'terminal-keys',
  },
  files: { files: 'files', 'file-text': 'file-text', mention: 'mention', artifacts: 'artifacts' },
  reading: { find: 'find' },
  rules: { 'rule-sheet': 'rule-sheet' },
  usage: { 'usage-money': 'usage' },
  presets: { 'new-presets': 'new-presets' },
  sharing: { 'new-shared': 'new-shared' },
  takeover: { 'takeover-card': 'takeover-card' },
  german: { 'de-run-320': 'german' },
  pwa: { 'offline-390': 'offline', 'new-version': 'new-version' },
};
/** Those that are dark, and those that are both; the others are light. */
const DARK = ['changes-turn', 'history', 'more', 'terminal-keys', 'file-text', 'takeover-card'];
const BOTH = ['now', 'approval'];

const taken = mkdtempSync(join(tmpdir(), 'offdesk-pictures-'));
const only = process.argv.slice(2);
const missing = [];
/** `scheme`: journeys say the width and it behind most names. */
const picture = (source, scheme, target) => {
  const file = [`${source}-390-${scheme}`, `${source}-${scheme}`, source].map((name) => join(taken, `${name}.png`)).find(existsSync);
  if (!file) return missing.push(source);
  // Small files: few colours are enough for a page.
  execFileSync('convert', [file, '-strip', '+dither', '-colors', '128', '-define', 'png:compression-level=9', `PNG8:${target}`]);
  console.log(target);
};
for (const [journey, pictures] of Object.entries(JOURNEYS)) {
  if (only.length > 0 && !only.includes(journey)) continue;
  const file = new URL(`${journey}.test.mjs`, import.meta.url).pathname;
  spawnSync('node', ['--test', '--test-concurrency=1', file], { stdio: 'inherit', env: { ...process.env, OFFDESK_SHOTS: taken } });
  for (const [source, name] of Object.entries(pictures)) {
    const schemes = BOTH.includes(name) ? ['light', 'dark'] : [DARK.includes(name) ? 'dark' : 'light'];
    for (const scheme of schemes) picture(source, scheme, join(into, `${name}-${scheme}.png`));
  }
  if (journey === 'screens') {
    picture('screen-now', 'light', join(manifest, 'now.png'));
    picture('screen-approval', 'light', join(manifest, 'card.png'));
  }
}
rmSync(taken, { recursive: true });
if (missing.length > 0) {
  console.error(`No journey left these: ${missing.join(', ')}.`);
  process.exitCode = 1;
}
