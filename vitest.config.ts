import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  test: { include: ['{packages/*,mobile-web,src-ui}/tests/**/*.test.ts'], environment: 'node', setupFiles: ['packages/client/tests/english.ts'] },
});
