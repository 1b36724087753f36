/** What a till's page has to load for the client: little, and no schema library. */
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, it } from 'vitest'

it('the client bundles small and without zod', async () => {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: true,
      lib: { entry: new URL('../../src/protocol/client.ts', import.meta.url).pathname, formats: ['es'] },
    },
  })
  const [bundle] = Array.isArray(built) ? built : [built]
  if (bundle === undefined || !('output' in bundle)) throw new Error('vite watched instead of building')
  const chunk = bundle.output[0]
  const modules = Object.keys(chunk.modules).map((path) => path.split('/').at(-1))
  expect(modules.sort()).toEqual([
    'client-connection.ts',
    'client-events.ts',
    'client.ts',
    'errors.ts',
    'topics.ts',
  ])
  expect(gzipSync(chunk.code).length).toBeLessThan(8_000)
})
