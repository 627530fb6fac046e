import { svelte } from '@sveltejs/vite-plugin-svelte';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { workerParts } from './workers.config.ts';
import { defineConfig, type Plugin } from 'vite';

const here = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const { version } = JSON.parse(here('package.json')) as { version: string };

/** The worker that keeps the shell, with the names of all its files put in. */
function shellWorker(): Plugin {
  return {
    name: 'shell-worker',
    apply: 'build',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const withStyles = (some: typeof chunks) => some.flatMap((chunk) =>
        [chunk.fileName, ...((chunk as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ?? [])]).map((name) => `/${name}`);
      // Without its words no page opens, and which language is wanted may change without a line.
      const first = (chunk: (typeof chunks)[number]) => !chunk.isDynamicEntry || /\/messages\/\w+\/index\.ts$/.test(chunk.facadeModuleId ?? '');
      // What is loaded on demand would cost everyone's first visit: it is kept when that is over.
      const files = ['/', '/icon.svg', ...withStyles(chunks.filter(first))];
      const later = withStyles(chunks.filter((chunk) => !first(chunk))).filter((name) => !files.includes(name));
      // Names of built files carry what is in them; the other two do not.
      const build = createHash('sha256').update(JSON.stringify([files, later, here('index.html'), here('public/icon.svg')])).digest('hex').slice(0, 12);
      const source = here('src/worker.js').replace('__SHELL__', JSON.stringify(build))
        .replace('__FILES__', JSON.stringify(files)).replace('__LATER__', JSON.stringify([...new Set(later)]));
      this.emitFile({ type: 'asset', fileName: 'worker.js', source });
    },
  };
}

export default defineConfig({
  plugins: [svelte(), shellWorker(), ...workerParts(version)],
  define: { __BUILD__: JSON.stringify(version) },
  // The gateway's policy allows no inline scripts or styles, and no data: scripts.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
