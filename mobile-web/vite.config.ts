import { svelte } from '@sveltejs/vite-plugin-svelte';
import { readFileSync } from 'node:fs';
import { notifyingWorker } from './notifying.config.ts';
import { defineConfig, type Plugin } from 'vite';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };

/** The worker that keeps the shell, with the names of all its files put in. */
function shellWorker(): Plugin {
  return {
    name: 'shell-worker',
    apply: 'build',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const withStyles = (some: typeof chunks) => some.flatMap((chunk) =>
        [chunk.fileName, ...((chunk as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ?? [])]).map((name) => `/${name}`);
      // What is loaded on demand would cost everyone's first visit: it is kept when that is over.
      const files = ['/', '/icon.svg', ...withStyles(chunks.filter((chunk) => !chunk.isDynamicEntry))];
      const later = withStyles(chunks.filter((chunk) => chunk.isDynamicEntry)).filter((name) => !files.includes(name));
      const source = readFileSync(new URL('src/worker.js', import.meta.url), 'utf8')
        .replace('__FILES__', JSON.stringify(files)).replace('__LATER__', JSON.stringify([...new Set(later)]));
      this.emitFile({ type: 'asset', fileName: 'worker.js', source });
    },
  };
}

export default defineConfig({
  plugins: [svelte(), shellWorker(), notifyingWorker(version)],
  define: { __BUILD__: JSON.stringify(version) },
  // The gateway's policy allows no inline scripts or styles, and no data: scripts.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
