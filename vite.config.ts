/** Builds the pages of src/ui to static files in dist/ui: the console at `/`, other pages in folders of their own. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Resvg } from '@resvg/resvg-js'
import { defineConfig, type Plugin } from 'vite'
import { keyShortener } from './scripts/short-keys.ts'
import { tillWorker } from './scripts/till-worker.ts'

const uiRoot = fileURLToPath(new URL('./src/ui/', import.meta.url))

/** The typed client, for tills that nobody here wrote: the hub serves it, so that their versions always match. */
const clientModule = fileURLToPath(new URL('./src/protocol/client.ts', import.meta.url))

/** One HTML file per page; a page joins the build when its file exists. */
const pages = ['index.html', 'till/index.html', 'display/index.html', 'trust/index.html']

/** What phones and tablets want of a page that is put on the home screen. Drawn from the icon, so that there is one. */
function installable(): Plugin {
  const icon = readFileSync(`${uiRoot}public/icon.svg`, 'utf8')
  // A mask may cut off a fifth on each side: the ground runs to the edge, the bridge stays in the middle.
  const maskable = icon
    .replace(' rx="8"', '')
    .replace('viewBox="0 0 32 32"', 'viewBox="-6 -6 44 44"')
    .replace('<rect', '<rect x="-6" y="-6"')
    .replace('width="32" height="32"', 'width="44" height="44"')
  const png = (svg: string, px: number) =>
    new Resvg(svg, { fitTo: { mode: 'width', value: px } }).render().asPng()
  const manifest = {
    name: 'Tillbridge',
    short_name: 'Tillbridge',
    description: 'Printers, scales, scanners and drawers of this shop',
    id: './',
    start_url: './',
    scope: './',
    display: 'standalone',
    background_color: '#f2f3f5',
    theme_color: '#14171f',
    icons: [
      { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
      { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
      { src: 'icon-maskable.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
      { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' },
    ],
  }
  return {
    name: 'installable',
    generateBundle() {
      const emit = (fileName: string, source: string | Buffer) =>
        this.emitFile({ type: 'asset', fileName, source })
      emit('manifest.webmanifest', JSON.stringify(manifest))
      // Its own, so that a tablet of the shop has the till on its home screen and nothing else.
      const till = {
        ...manifest,
        name: 'Till',
        short_name: 'Till',
        description: 'Sell, with or without the cloud',
      }
      const icons = manifest.icons.map((icon) => ({ ...icon, src: `../${icon.src}` }))
      emit('till/till.webmanifest', JSON.stringify({ ...till, icons }))
      emit('icon-192.png', png(icon, 192))
      emit('icon-512.png', png(icon, 512))
      emit('icon-maskable.png', png(maskable, 512))
      // iOS rounds the corners itself and paints what is clear black.
      emit('apple-touch-icon.png', png(maskable, 180))
    },
  }
}

/** The pages say `box.net.title`; browsers need no such names. */
function shortKeys(): Plugin {
  let shorten = (code: string): string => code
  return {
    name: 'short-keys',
    apply: 'build',
    enforce: 'pre',
    buildStart() {
      shorten = keyShortener(uiRoot)
    },
    transform: {
      filter: { id: /\/src\/ui\/.*\.tsx?$/ },
      handler: (code) => ({ code: shorten(code), map: null }),
    },
  }
}

export default defineConfig({
  plugins: [installable(), shortKeys(), tillWorker()],
  root: uiRoot,
  // Relative addresses, so that the hub can stand behind a proxy's path.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('./dist/ui/', import.meta.url)),
    emptyOutDir: true,
    // Chrome 94, Firefox 93, Safari 16.4: tills are old tablets more often than not, but older browsers would need private
    // fields written out, which makes everything larger for everybody.
    target: 'es2022',
    // The hub's content policy takes no data: addresses for scripts and fonts, and inlining saves little on a LAN.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: [...pages.map((page) => `${uiRoot}${page}`).filter((path) => existsSync(path)), clientModule],
      // Tills import the client by its fixed name: import { createClient } from 'http://HUB/client.js'.
      preserveEntrySignatures: 'strict',
      output: {
        // Few files: each of them costs a request and compresses by itself.
        codeSplitting: {
          groups: [
            // What every page needs, and all that the trust page does: without it the page would start the console.
            {
              name: 'core',
              test: /preact|vite\/preload-helper|src\/ui\/(parts\/(badge|button|icon)\.tsx|words\/languages|(tokens|style)\.css)/,
              priority: 5,
            },
            // Without what only pages of others need: that goes with /client.js.
            { name: 'client', test: /src\/protocol\/(?!client(-walls|-pairing)?\.ts)/, priority: 4 },
            {
              name: 'base',
              test: /preact|src\/ui\/(parts\/(?!schema|qr)|words\/say)/,
              priority: 3,
              minShareCount: 2,
            },
            // Of display and till: the console lets the hub draw its codes.
            { name: 'qr', test: /src\/ui\/parts\/qr/, priority: 3 },
            { name: 'console', test: /src\/ui\/(console\/(?!views)|words\/things)/, priority: 2 },
            { name: 'shop', test: /src\/ui\/console\/views\/(overview|devices|jobs)\//, priority: 1 },
            { name: 'access', test: /src\/ui\/console\/views\/access\//, priority: 1 },
            { name: 'box', test: /src\/ui\/(console\/views\/box\/|parts\/schema)/, priority: 1 },
          ],
        },
        entryFileNames: ({ facadeModuleId }) =>
          facadeModuleId === clientModule ? 'client.js' : 'assets/[name]-[hash].js',
      },
    },
  },
})
