// Makes all bitmaps from app.svg and tray.svg. `cargo x icons` runs it, and `tauri icon` after it.
// With a folder as argument it also draws a sheet of all tray icons at the sizes panels use, to be looked at.
import { Resvg } from '@resvg/resvg-js';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const drawing = readFileSync(join(here, 'tray.svg'), 'utf8');
const states = ['idle', 'working', 'needs-you', 'unreachable', 'off'];
const counts = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'more'];

/** name → the drawing of this one state alone */
const icons = new Map([
  ...states.map((state) => [state, alone(state, 'call')]),
  ...counts.map((count) => [`needs-you-${count}`, alone('needs-you', count)]),
]);

function alone(state, said) {
  const others = states.filter((other) => other !== state).map((other) => `#${other}`);
  return drawing
    .replaceAll('say-SAID', `say-${said}`)
    .replace('</style>', `${others.join(', ')} { display: none }\n</style>`);
}

/** macOS colours a template by itself: only its transparency counts. */
function template(svg) {
  return svg.replace('</style>', '* { color: #000 !important }\n.said { display: none }\n</style>');
}

function png(svg, size) {
  return new Resvg(svg, { fitTo: { mode: 'width', value: size }, font: { loadSystemFonts: false } }).render().asPng();
}

const tray = join(here, 'tray');
rmSync(tray, { recursive: true, force: true });
mkdirSync(tray, { recursive: true });
for (const [name, svg] of icons) {
  for (const [kind, drawn] of [['', svg], ['-template', template(svg)]]) {
    writeFileSync(join(tray, `${name}${kind}.png`), png(drawn, 32));
    writeFileSync(join(tray, `${name}${kind}@2x.png`), png(drawn, 64));
  }
}
const page = join(here, '../mobile-web/public');
const mark = readFileSync(join(here, 'app.svg'), 'utf8');
copyFileSync(join(here, 'app.svg'), join(page, 'icon.svg'));
/** A home screen cuts its own shape out: the ground goes to the edges, and the drawing keeps to the middle. */
const whole = mark
  .replace(/<rect[^>]*>/, '<rect width="64" height="64" fill="#1f5c4d"/><g transform="translate(6.4 6.4) scale(0.8)">')
  .replace('</svg>', '</g></svg>');
mkdirSync(join(page, 'icons'), { recursive: true });
for (const size of [192, 512]) {
  writeFileSync(join(page, `icons/${size}.png`), png(mark, size));
  writeFileSync(join(page, `icons/maskable-${size}.png`), png(whole, size));
}
// An iPhone's home screen reads no drawing and rounds the corners by itself.
writeFileSync(join(page, 'icons/apple-touch.png'), png(whole, 180));

const [sheet] = process.argv.slice(2);
if (sheet) {
  mkdirSync(sheet, { recursive: true });
  for (const [name, svg] of icons) {
    for (const size of [16, 22, 24, 32]) {
      writeFileSync(join(sheet, `${name}-${size}.png`), png(svg, size));
      writeFileSync(join(sheet, `${name}-${size}-template.png`), png(template(svg), size));
    }
  }
}
