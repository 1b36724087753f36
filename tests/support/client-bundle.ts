/** The typed client as the maker of a POS bundles it into a page of his own. */
import { build } from 'vite'

export interface ClientBundle {
  /** A module of JavaScript. */
  code: string
  /** Names of the files in it. */
  modules: string[]
}

export async function bundleClient(): Promise<ClientBundle> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: new URL('../../src/protocol/client.ts', import.meta.url).pathname,
        preserveEntrySignatures: 'strict',
      },
    },
  })
  const [bundle] = Array.isArray(built) ? built : [built]
  if (bundle === undefined || !('output' in bundle)) throw new Error('vite watched instead of building')
  const chunk = bundle.output[0]
  return { code: chunk.code, modules: Object.keys(chunk.modules).map((path) => path.split('/').at(-1) ?? '') }
}
