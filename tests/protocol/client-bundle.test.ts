/** What a till's page has to load for the client: little, and no schema library. */
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { bundleClient } from '../support/client-bundle.ts'

it('[K16] the client bundles small and without zod', async () => {
  const { code, modules } = await bundleClient()
  expect(modules.sort()).toEqual([
    'client-connection.ts',
    'client-core.ts',
    'client-events.ts',
    'client-pairing.ts',
    'client-requests.ts',
    'client-urls.ts',
    'client-walls.ts',
    'client.ts',
    'errors.ts',
    'topics.ts',
  ])
  expect(gzipSync(code).length).toBeLessThan(10_000)
})
