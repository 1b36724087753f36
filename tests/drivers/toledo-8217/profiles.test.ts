/** The profiles of the scale: each is read by the loader and gives the driver settings it takes. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { loadProfiles } from '../../../src/drivers/profiles.ts'
import { toledo8217 } from '../../../src/drivers/scales/toledo-8217/driver.ts'
import { serialScanner } from '../../../src/drivers/scanners/serial-scanner/driver.ts'

const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))

it.each([
  [
    'toledo-8217',
    [
      'avery-8217',
      'datalogic-magellan-8217',
      'generic-kg',
      'generic-lb',
      'mettler-ariva-s',
      'mettler-diva',
      'mettler-viva',
    ],
  ],
  [
    'serial-scanner',
    ['datalogic-magellan-labels', 'generic', 'honeywell', 'honeywell-code-id', 'newland', 'zebra-cdc'],
  ],
])('every profile of %s is read', (driver, ids) => {
  const { profiles, problems } = loadProfiles(folder, [toledo8217, serialScanner])
  expect(problems.filter((problem) => problem.includes(`/${driver}/`))).toEqual([])
  expect(
    profiles
      .filter((profile) => profile.driver === driver)
      .map(({ id }) => id)
      .sort(),
  ).toEqual(ids)
})
