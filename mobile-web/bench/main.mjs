// What a phone waits for. `main.mjs [PART…]`: only these, else all. Prints one JSON object; `cargo x bench phone` runs it.
import { decide } from './decide.mjs';
import { large } from './large.mjs';
import { load } from './load.mjs';
import { stream } from './stream.mjs';

const PARTS = { load, large, decide, stream };

const asked = process.argv.slice(2);
const unknown = asked.find((part) => !(part in PARTS));
if (unknown) throw new Error(`There is no part ${unknown}; there are ${Object.keys(PARTS).join(', ')}.`);
const figures = {};
for (const [name, part] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.error(`Measuring ${name}.`);
  Object.assign(figures, await part());
}
console.log(JSON.stringify(figures, null, 2));
