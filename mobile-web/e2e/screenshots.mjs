// Pictures of the phone's page for docs/screenshots/phone and its manifest, out of what the journeys left: `OFFDESK_SHOTS=DIR`
// for the journeys first, then `node mobile-web/e2e/screenshots.mjs DIR`.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const [from] = process.argv.slice(2);
const into = new URL('../../docs/screenshots/phone/', import.meta.url).pathname;
const manifest = new URL('../public/screens/', import.meta.url).pathname;
/** The picture's name here, and what a journey called it. */
const PICTURES = {
  'now-light': 'screen-now-390-light', 'now-dark': 'screen-now-390-dark', 'run-light': 'screen-run-390-light', 'approval-light': 'screen-approval-390-light',
  'conversation-light': 'screen-conversation-390-light', 'more-dark': 'screen-more-390-dark', 'offline-light': 'offline-390-390-light',
  'shared-light': 'new-shared-390-light', 'new-version-light': 'new-version-390-light',
};
const picture = (source, target) => {
  const file = join(from, `${source}.png`);
  if (!existsSync(file)) return console.log(`no ${source}`);
  // Small files: few colours are enough for a page.
  execFileSync('convert', [file, '-strip', '+dither', '-colors', '128', '-define', 'png:compression-level=9', `PNG8:${target}`]);
  console.log(target);
};
for (const [name, source] of Object.entries(PICTURES)) picture(source, join(into, `${name}.png`));
picture('screen-now-390-light', join(manifest, 'now.png'));
picture('screen-approval-390-light', join(manifest, 'card.png'));
