import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

/** What the service worker does with notifications, as one script that it takes in: workers of all browsers can do that. */
export function notifyingWorker(version: string): Plugin {
  return {
    name: 'notifying-worker',
    apply: 'build',
    async generateBundle() {
      const made = await build({
        configFile: false,
        logLevel: 'warn',
        define: { __BUILD__: JSON.stringify(version) },
        build: {
          write: false,
          target: 'es2022',
          lib: { entry: fileURLToPath(new URL('src/notifying/worker.js', import.meta.url)), formats: ['iife'], name: 'notifying' },
        },
      });
      const [output] = Array.isArray(made) ? made : [made];
      const chunk = output && 'output' in output ? output.output.find((one) => one.type === 'chunk') : undefined;
      if (!chunk || chunk.type !== 'chunk') throw new Error('The notifications’ worker was not built.');
      this.emitFile({ type: 'asset', fileName: 'notifications.js', source: chunk.code });
    },
  };
}
