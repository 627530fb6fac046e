import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

/** A part of the service worker, as one script that it takes in: workers of all browsers can do that. */
function part(name: string, version: string): Plugin {
  return {
    name: `${name}-worker`,
    apply: 'build',
    async generateBundle() {
      const made = await build({
        configFile: false,
        logLevel: 'warn',
        define: { __BUILD__: JSON.stringify(version) },
        build: {
          write: false,
          target: 'es2022',
          lib: { entry: fileURLToPath(new URL(`src/${name}/worker.js`, import.meta.url)), formats: ['iife'], name },
        },
      });
      const [output] = Array.isArray(made) ? made : [made];
      const chunk = output && 'output' in output ? output.output.find((one) => one.type === 'chunk') : undefined;
      if (!chunk || chunk.type !== 'chunk') throw new Error(`The worker's part ${name} was not built.`);
      this.emitFile({ type: 'asset', fileName: `${name}.js`, source: chunk.code });
    },
  };
}

/** What the service worker does with notifications, and with what other apps share. */
export const workerParts = (version: string): Plugin[] => ['notifying', 'sharing'].map((name) => part(name, version));
