// Writes SHA256SUMS beside the files named: node installers/sums.mjs FOLDER FILE…
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, ...files] = process.argv.slice(2);
const lines = files.sort().map((file) => {
  const sum = createHash('sha256').update(readFileSync(join(folder, file))).digest('hex');
  return `${sum}  ${file}\n`;
});
writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''));
