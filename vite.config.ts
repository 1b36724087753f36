/** Builds the pages of src/ui to static files in dist/ui: the console at `/`, other pages in folders of their own. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const uiRoot = fileURLToPath(new URL('./src/ui/', import.meta.url))

/** The typed client, for tills that nobody here wrote: the hub serves it, so that their versions always match. */
const clientModule = fileURLToPath(new URL('./src/protocol/client.ts', import.meta.url))

/** One HTML file per page; a page joins the build when its file exists. */
const pages = ['index.html', 'till/index.html', 'display/index.html']

export default defineConfig({
  root: uiRoot,
  // Relative addresses, so that the hub can stand behind a proxy's path.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('./dist/ui/', import.meta.url)),
    emptyOutDir: true,
    // Tills are old tablets more often than not.
    target: 'es2020',
    // The hub's content policy takes no data: addresses for scripts and fonts, and inlining saves little on a LAN.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: [...pages.map((page) => `${uiRoot}${page}`).filter((path) => existsSync(path)), clientModule],
      // Tills import the client by its fixed name: import { createClient } from 'http://HUB/client.js'.
      preserveEntrySignatures: 'strict',
      output: {
        entryFileNames: ({ facadeModuleId }) =>
          facadeModuleId === clientModule ? 'client.js' : 'assets/[name]-[hash].js',
      },
    },
  },
})
