/**
 * The service worker of the till: with it the page opens again while the hub is gone. The build hands it the list of files that the
 * page is made of; their names hold their hashes, so that a list is a version.
 */
import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

const page = 'till/index.html'

/** Text of the worker for these files, which are addresses seen from `/till/`. */
export function workerText(files: readonly string[]): string {
  const version = createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 12)
  return `// Keeps the till's page in this browser, so that it opens without the hub. Made by the build.
const name = 'tillbridge-till-${version}'
const pictures = 'tillbridge-pictures'
const files = ${JSON.stringify(files)}
self.addEventListener('install', (event) => {
  // All of it or nothing: half a page would be worse than the one of yesterday. The new one serves from the next load on.
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()))
})
self.addEventListener('activate', (event) => {
  const old = (key) => key.startsWith('tillbridge-till-') && key !== name
  event.waitUntil(caches.keys().then((keys) => Promise.all(keys.filter(old).map((key) => caches.delete(key)))).then(() => self.clients.claim()))
})
self.addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request
  const address = new URL(url)
  if (method !== 'GET' || address.origin !== location.origin) return
  if (mode === 'navigate') {
    // The hub's own page while it answers at once: after an update nobody sells with the one of yesterday.
    const fresh = fetch(event.request, { signal: AbortSignal.timeout(1500) })
    event.respondWith(fresh.then((answer) => (answer.ok ? answer : Promise.reject(answer))).catch(() => caches.match('./', { cacheName: name }).then((kept) => kept ?? fetch(event.request))))
    return
  }
  if (address.pathname.includes('/till/pictures/')) {
    // What was shown once is shown at once, also without the hub, and fetched anew for the next time.
    const fresh = fetch(event.request).then((answer) => {
      if (answer.ok) event.waitUntil(caches.open(pictures).then((cache) => cache.put(event.request, answer.clone())).catch(() => {}))
      return answer
    })
    event.waitUntil(fresh.catch(() => {}))
    event.respondWith(caches.match(event.request, { cacheName: pictures }).then((kept) => kept ?? fresh))
    return
  }
  // Files with a hash in their name never change; questions to the hub are none of the worker's business.
  if (!address.pathname.includes('/assets/') && !/\\.(svg|png|webmanifest)$/.test(address.pathname)) return
  event.respondWith(caches.match(event.request, { cacheName: name }).then((kept) => kept ?? fetch(event.request)))
})
`
}

/** Puts \`till/sw.js\` beside the built page. */
export function tillWorker(): Plugin {
  return {
    name: 'till-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const entry = Object.values(bundle).find(
        (file) => file.type === 'chunk' && file.facadeModuleId?.endsWith(page) === true,
      )
      if (entry === undefined) return
      const wanted = new Set<string>(['../icon.svg', 'till.webmanifest'])
      const visit = (name: string): void => {
        const file = bundle[name]
        if (file === undefined || wanted.has(`../${name}`)) return
        wanted.add(`../${name}`)
        if (file.type !== 'chunk') return
        for (const next of [...file.imports, ...file.dynamicImports]) visit(next)
        for (const sheet of file.viteMetadata?.importedCss ?? []) wanted.add(`../${sheet}`)
      }
      visit(entry.fileName)
      for (const name of Object.keys(bundle)) if (/copy-worker/.test(name)) wanted.add(`../${name}`)
      const source = workerText(['./', ...[...wanted].sort()])
      this.emitFile({ type: 'asset', fileName: 'till/sw.js', source })
    },
  }
}
