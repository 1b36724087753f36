/** Profiles of HID scales, scanners and drawers: each is read, and the ids on the bus choose it. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { hidDrawer } from '../../../src/drivers/drawers/hid-drawer/driver.ts'
import type { Driver } from '../../../src/drivers/driver.ts'
import { suggest } from '../../../src/drivers/matching.ts'
import { loadProfiles } from '../../../src/drivers/profiles.ts'
import { usbHidScale } from '../../../src/drivers/scales/usb-hid-scale/driver.ts'
import { hidPosScanner } from '../../../src/drivers/scanners/hid-pos-scanner/driver.ts'

const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))
const drivers = [usbHidScale, hidPosScanner, hidDrawer] as readonly Driver[]
const { profiles, problems } = loadProfiles(folder, drivers)

const found = (ids: string, usage: string, more: Record<string, string> = {}) => {
  const [vendorId = '', productId = ''] = ids.split(':')
  const [usagePage = '', usageId = ''] = usage.split(':')
  const details = { vendorId, productId, usagePage, usage: usageId, ...more }
  return suggest({ kind: 'hid', label: 'Some device', details }, drivers, profiles)
}

it.each([
  [
    'usb-hid-scale',
    [
      'generic',
      'brecknell-usb',
      'dymo-m10',
      'dymo-m25',
      'dymo-s100',
      'fairbanks-scb-9000',
      'mettler-ps60',
      'stamps-com-2510',
      'stamps-com-510',
    ],
  ],
  ['hid-pos-scanner', ['generic', 'datalogic', 'honeywell', 'youjie', 'zebra']],
  ['hid-drawer', ['generic', 'apg-usbpro', 'posiflex-cr']],
])('every profile of %s is read, the generic one first', (driver, ids) => {
  expect(problems.filter((problem) => problem.includes(`/${driver}/`))).toEqual([])
  expect(profiles.filter((profile) => profile.driver === driver).map(({ id }) => id)).toEqual(ids)
})

it('[UHS17] a scale is known by its page, and its model by its ids', () => {
  expect(found('1234:5678', '8d:20')).toMatchObject({
    driver: 'usb-hid-scale',
    profile: 'generic',
    sure: true,
  })
  expect(found('0922:8003', '8d:20')).toMatchObject({ profile: 'dymo-m10', sure: true })
  expect(found('1446:6a78', '8d:20')?.profile).toBe('stamps-com-2510')
  expect(found('1234:5678', '01:06')).toBeUndefined()
})

it('[HPS14] a scanner is known by its page, and its maker by the vendor', () => {
  expect(found('1234:5678', '8c:02')).toMatchObject({
    driver: 'hid-pos-scanner',
    profile: 'generic',
    sure: true,
  })
  expect(found('0c2e:0b8f', '8c:02')).toMatchObject({ profile: 'honeywell', sure: true })
  expect(found('05e0:1200', '8c:02')?.profile).toBe('zebra')
  expect(found('0c2e:0b8f', '8c:02', { keyboard: 'yes' })?.sure).toBe(false)
  expect(found('0c2e:0b8f', '01:06')?.driver).not.toBe('hid-pos-scanner')
})

it('[HDR11] nothing suggests a HID drawer', () => {
  expect(found('1234:5678', 'ff00:01')).toBeUndefined()
  expect(hidDrawer.match).toBeUndefined()
})
