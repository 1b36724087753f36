/** The profiles of the scale: each is read by the loader and gives the driver settings it takes; the generic one comes first. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { loadProfiles } from '../../../src/drivers/profiles.ts'
import { magellan } from '../../../src/drivers/scales/magellan/driver.ts'

const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))

it('every profile is read', () => {
  const { profiles, problems } = loadProfiles(folder, [magellan])
  expect(problems.filter((problem) => problem.includes('/magellan/'))).toEqual([])
  expect(profiles.map(({ id }) => id)).toEqual([
    'generic-kg',
    'generic-lb',
    'datalogic-magellan-8400',
    'datalogic-magellan-9800i',
  ])
})
