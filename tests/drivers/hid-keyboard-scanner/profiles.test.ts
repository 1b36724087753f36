/** The profiles of scanners that type: each is read by the loader, and none takes a keyboard by itself. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { Driver } from '../../../src/drivers/driver.ts'
import { suggest } from '../../../src/drivers/matching.ts'
import { loadProfiles } from '../../../src/drivers/profiles.ts'
import { hidKeyboardScanner } from '../../../src/drivers/scanners/hid-keyboard-scanner/driver.ts'

const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))
const { profiles, problems } = loadProfiles(folder, [hidKeyboardScanner])

it('every profile of hid-keyboard-scanner is read, the generic one first', () => {
  expect(problems.filter((problem) => problem.includes('/hid-keyboard-scanner/'))).toEqual([])
  expect(profiles.map(({ id }) => id)).toEqual([
    'generic',
    'datalogic-keyboard',
    'honeywell-keyboard',
    'zebra-keyboard',
  ])
})

it('[HKS14] no keyboard is suggested as a scanner, whatever its ids', () => {
  for (const [vendorId, productId] of [
    ['05e0', '1200'],
    ['0c2e', '0200'],
    ['046d', 'c31c'],
  ]) {
    const details = {
      vendorId: vendorId ?? '',
      productId: productId ?? '',
      usagePage: '01',
      usage: '06',
      keyboard: 'yes',
    }
    const facts = { kind: 'hid', label: 'Bar Code Scanner', details } as const
    expect(suggest(facts, [hidKeyboardScanner as Driver], profiles)).toBeUndefined()
  }
})
