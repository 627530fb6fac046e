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
      // What is loaded on demand needs a gateway anyway, and would cost everyone's first visit.
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk' && !file.isDynamicEntry);
      const styles = chunks.flatMap((chunk) => [...((chunk as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ?? [])]);
      const files = ['/', '/icon.svg', ...[...chunks.map((chunk) => chunk.fileName), ...styles].map((name) => `/${name}`)];
      const source = readFileSync(new URL('src/worker.js', import.meta.url), 'utf8').replace('__FILES__', JSON.stringify(files));
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
