import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// The oldest engines the window meets: WebView2 (evergreen) and the WebKitGTK of Debian 12.
const engines = ['chrome120', 'safari17'];

export default defineConfig({
  plugins: [svelte()],
  // Relative addresses: the same files are served by the window's asset handler and over loopback HTTP.
  base: './',
  build: {
    target: engines,
    outDir: 'dist',
    emptyOutDir: true,
    // The editor and the PDF viewer are large by nature and come from the local disk.
    chunkSizeWarningLimit: 3000,
  },
  // Vitest would otherwise resolve Svelte to its server build.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : undefined,
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    testTimeout: 10_000,
  },
});
