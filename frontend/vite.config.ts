import { cpSync, createReadStream, existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// The oldest engines the window meets: WebView2 (evergreen) and the WebKitGTK of Debian 12.
const engines = ['chrome120', 'safari17'];

/** What pdf.js reads while it shows a PDF: character maps, standard fonts, decoders, colour profiles. */
const pdfFolders = ['cmaps', 'standard_fonts', 'wasm', 'iccs'];

/** pdfFiles puts the files of pdf.js beside the program's own: the window reads nothing from the network. */
function pdfFiles(): Plugin {
  const source = join(import.meta.dirname, 'node_modules/pdfjs-dist');
  return {
    name: 'pdf-files',
    configureServer(server) {
      server.middlewares.use('/pdfjs', (request, response, next) => {
        const file = normalize(join(source, decodeURIComponent((request.url ?? '').split('?')[0] ?? '')));
        if (!pdfFolders.some((f) => file.startsWith(join(source, f))) || !existsSync(file)) return next();
        createReadStream(file).pipe(response);
      });
    },
    writeBundle(options) {
      if (!options.dir) return;
      for (const folder of pdfFolders) cpSync(join(source, folder), join(options.dir, 'pdfjs', folder), { recursive: true });
    },
  };
}

export default defineConfig({
  plugins: [svelte(), pdfFiles()],
  // Relative addresses: the same files are served by the window's asset handler and over loopback HTTP.
  base: './',
  build: {
    target: engines,
    outDir: 'dist',
    emptyOutDir: true,
    // The editor and the PDF viewer are large by nature and come from the local disk.
    chunkSizeWarningLimit: 3000,
    // Fonts and the worker stay files, as the window's content policy wants.
    assetsInlineLimit: 0,
  },
  // Vitest would otherwise resolve Svelte to its server build.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : undefined,
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/dev/testsetup.ts'],
    testTimeout: 30_000,
  },
});
