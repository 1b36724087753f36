/** The profiles of displays and drawers: each is read by the loader, gives settings its driver takes, and says what is unproved. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { aedex } from '../../../src/drivers/displays/aedex/driver.ts'
import { browserDisplay } from '../../../src/drivers/displays/browser-display/driver.ts'
import { cd5220 } from '../../../src/drivers/displays/cd5220/driver.ts'
import { dsp800 } from '../../../src/drivers/displays/dsp-800/driver.ts'
import { escposDisplay } from '../../../src/drivers/displays/escpos-display/driver.ts'
import { logicControls } from '../../../src/drivers/displays/logic-controls/driver.ts'
import { gpioDrawer } from '../../../src/drivers/drawers/gpio-drawer/driver.ts'
import { serialDrawer } from '../../../src/drivers/drawers/serial-drawer/driver.ts'
import { loadProfiles, matchProfile } from '../../../src/drivers/profiles.ts'

const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))
const drivers = [
  escposDisplay,
  cd5220,
  dsp800,
  aedex,
  logicControls,
  browserDisplay,
  serialDrawer,
  gpioDrawer,
]
const { profiles, problems } = loadProfiles(folder, drivers)

it.each(drivers.map(({ id }) => id))(
  '[POLE14] every profile of %s is read, the generic one first',
  (driver) => {
    expect(problems.filter((problem) => problem.includes(`/${driver}/`))).toEqual([])
    expect(profiles.find((profile) => profile.driver === driver)?.id).toBe('generic')
  },
)

it('[POLE14] models say where their facts come from, and that nobody has tried them', () => {
  const models = profiles.filter(({ id }) => !id.startsWith('generic'))
  expect(profiles.length).toBeGreaterThanOrEqual(20)
  expect(models.length).toBeGreaterThanOrEqual(14)
  for (const { id, quirks } of models)
    expect([id, quirks.some(({ name }) => name === 'unconfirmed')]).toEqual([id, true])
})

it.each([
  ['EPSON DM-D110', 'epson-dm-d110'],
  ['Epson DM-D30', 'epson-dm-d30'],
  ['BIXOLON BCD-2000K', 'bixolon-bcd-2000'],
  ['BIXOLON BCD-1100', 'bixolon-bcd-1100'],
  ['Posiflex PD2609', 'posiflex-pd-2609'],
  ['Logic Controls PD3000', 'logic-controls-pd3000'],
])('[POLE14] %s is known by its name', (words, id) => {
  expect(matchProfile(profiles, words)?.id).toBe(id)
})
