/** A sweep over every model and every language: each opens with its own settings, takes its work, and meets every fault. */
import { afterAll, describe, expect, it } from 'vitest'
import type { Attempt, Driver } from '../../src/drivers/driver.ts'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { loadProfiles } from '../../src/drivers/profiles.ts'
import { createDrivers } from '../../src/drivers/registry.ts'
import { HubError } from '../../src/protocol/errors.ts'
import type { PrintPayload } from '../../src/protocol/job.ts'
import { answerFaults } from '../contracts/driver.ts'
import { twins } from '../contracts/twins.ts'
import { settle, TestClock } from '../support/clock.ts'
import { openBench } from '../support/driver-bench.ts'
import { profilesDir } from '../support/profiles-dir.ts'

const drivers = createDrivers(new Imaging({ clock: new TestClock() }))
const { profiles } = loadProfiles(profilesDir, drivers)
const models = drivers.flatMap((driver) =>
  profiles
    .filter((profile) => profile.driver === driver.id)
    .map((profile) => [`${driver.id}/${profile.id}`, driver, profile] as const),
)

/** What a shop prints: letters that no code page has, columns, codes, a picture, a cut and a drawer. */
const receipt: PrintPayload = {
  receipt: {
    blocks: [
      { type: 'text', text: 'Café Žižkov 日本 €', align: 'center', bold: true, size: 2 },
      {
        type: 'row',
        columns: [
          { text: '2 x Espresso', flex: 1 },
          { text: '5.00 €', align: 'right', width: 10 },
        ],
      },
      { type: 'rule' },
      { type: 'barcode', symbology: 'ean13', data: '4006381333931' },
      { type: 'qr', data: 'https://example.com/r/1' },
      { type: 'image', png: tinyPng(), align: 'center' },
      { type: 'feed', lines: 2 },
      { type: 'cut' },
    ],
  },
}

/** One black dot. */
function tinyPng(): string {
  return 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=='
}

const covered = { models: 0, receipts: 0, documents: 0, faults: 0, languages: new Set<string>() }

function open(driver: Driver, settings: Readonly<Record<string, unknown>>, clock = new TestClock()) {
  return openBench(driver, (clock) => twins[driver.id]?.createTwin(clock), {
    settings,
    profile: { settings },
    clock,
    timed: true,
  })
}

describe('every model', () => {
  it.each(models)(
    '%s: opens with its own settings, and takes the work of its class',
    async (_, driver, profile) => {
      const { device } = open(driver, profile.settings)
      expect(device.capabilities.every((capability) => driver.capabilities.includes(capability))).toBe(true)
      covered.models++
      covered.languages.add(driver.id)
      if (device.printing !== undefined) {
        const prepared = await device.printing.prepare(receipt, 'job-1')
        expect(prepared.bytes).toBeGreaterThan(100)
        covered.receipts++
      }
      // A port that takes nothing ends a document, whatever the model is set to.
      const attempt: Attempt = { jobId: 'job-1', sending() {}, waiting() {}, signal: AbortSignal.abort() }
      if (device.displaying !== undefined) {
        const shown = await device.displaying.show(
          { items: [{ text: 'Žižkov 日本', amount: '5.00 €' }] },
          attempt,
        )
        expect(shown.state).not.toBe('done')
        covered.documents++
      }
      await device.stop()
    },
  )
})

describe('every language', () => {
  const orders = [...answerFaults, 'drop', 'unplug'] as const
  it.each(drivers.flatMap((driver) => orders.map((order) => [driver.id, order, driver] as const)))(
    '%s, %s: the twin obeys, and the device ends in peace',
    async (id, order, driver) => {
      const under = twins[id]
      if (under === undefined) throw new Error(`there is no twin of ${id}`)
      const { device, twin, wire, clock, transport } = open(driver, under.settings ?? {})
      twin?.attach(wire)
      const started = device.start().then(
        () => 'started',
        (error: unknown) => (error instanceof HubError ? error.code : `not a code: ${error}`),
      )
      await settle()
      if (order === 'silent') twin?.order({ order: 'silent', on: true })
      else if (order === 'unplug') twin?.order({ order: 'plug', on: false })
      else twin?.order({ order: 'fault', fault: order })
      await clock.advance(60_000)
      expect(await started).not.toMatch(/^not a code/)
      await device.stop()
      await transport.close()
      twin?.stop()
      expect(clock.pending).toBe(0)
      covered.faults++
    },
  )
})

afterAll(() => {
  const { models: devices, languages, receipts, documents, faults } = covered
  console.log(
    `swept ${devices} devices in ${languages.size} languages, ${faults} faults; ${receipts} printers took the receipt, ${documents} displays the document`,
  )
})
