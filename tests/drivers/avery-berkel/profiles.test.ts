/** The profiles of the scale: each is read by the loader and gives the driver settings it takes; the generic one comes first. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { loadProfiles } from '../../../src/drivers/profiles.ts'
import { averyBerkel } from '../../../src/drivers/scales/avery-berkel/driver.ts'

const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))

it('every profile is read', () => {
  const { profiles, problems } = loadProfiles(folder, [averyBerkel])
  expect(problems.filter((problem) => problem.includes('/avery-berkel/'))).toEqual([])
  expect(profiles.map(({ id }) => id)).toEqual(['generic', 'mettler-diva', 'ohaus-aviator-7000'])
})
