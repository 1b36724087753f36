/** A folder for one test. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { onTestFinished } from 'vitest'

/** A folder that goes away with the test. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(`${tmpdir()}/store-test-`)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
