/** The profiles of the scale: each is read by the loader and gives the driver settings it takes; the generic one comes first. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { loadProfiles } from '../../../src/drivers/profiles.ts'
import { dialog } from '../../../src/drivers/scales/dialog/driver.ts'

const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))

it('every profile is read', () => {
  const { profiles, problems } = loadProfiles(folder, [dialog])
  expect(problems.filter((problem) => problem.includes('/dialog/'))).toEqual([])
  expect(profiles.map(({ id }) => id)).toEqual([
    'generic',
    'generic-02',
    'generic-04',
    'cely-pi100',
    'dibal-dpos-400',
    'ohaus-aviator-7000',
  ])
})
