/** Lines that are slow: whatever the language, a weight that is told was weighed after it was asked for. */
import { describe, expect, it } from 'vitest'
import type { Driver, Twin } from '../../../src/drivers/driver.ts'
import { averyBerkel } from '../../../src/drivers/scales/avery-berkel/driver.ts'
import { createAveryBerkelTwin } from '../../../src/drivers/scales/avery-berkel/twin.ts'
import { cas } from '../../../src/drivers/scales/cas/driver.ts'
import { createCasTwin } from '../../../src/drivers/scales/cas/twin.ts'
import { magellan } from '../../../src/drivers/scales/magellan/driver.ts'
import { createMagellanTwin } from '../../../src/drivers/scales/magellan/twin.ts'
import { mtSics } from '../../../src/drivers/scales/mt-sics/driver.ts'
import { createMtSicsTwin } from '../../../src/drivers/scales/mt-sics/twin.ts'
import { nci } from '../../../src/drivers/scales/nci/driver.ts'
import { createNciTwin } from '../../../src/drivers/scales/nci/twin.ts'
import { toledo8217 } from '../../../src/drivers/scales/toledo-8217/driver.ts'
import { createToledo8217Twin } from '../../../src/drivers/scales/toledo-8217/twin.ts'
import type { TestClock } from '../../support/clock.ts'
import { onABench } from '../../support/scale-on-a-bench.ts'

interface Case {
  name: string
  // The bench never looks into the settings.
  // biome-ignore lint/suspicious/noExplicitAny: a driver of any settings
  driver: Driver<any>
  settings?: Record<string, unknown>
  createTwin: (clock: TestClock) => Twin
}

const cases: Case[] = [
  { name: 'toledo-8217', driver: toledo8217, createTwin: (clock) => createToledo8217Twin({ clock }) },
  {
    name: 'toledo-8217 without echo',
    driver: toledo8217,
    settings: { echo: false },
    createTwin: (clock) => createToledo8217Twin({ clock, echoMode: false }),
  },
  { name: 'nci', driver: nci, createTwin: (clock) => createNciTwin({ clock }) },
  {
    name: 'nci of few words',
    driver: nci,
    settings: { answersUnknown: false },
    createTwin: (clock) => createNciTwin({ clock, answersUnknown: false }),
  },
  { name: 'cas', driver: cas, createTwin: (clock) => createCasTwin({ clock }) },
  { name: 'mt-sics', driver: mtSics, createTwin: (clock) => createMtSicsTwin({ clock }) },
  {
    name: 'ohaus',
    driver: mtSics,
    settings: { dialect: 'ohaus' },
    createTwin: (clock) => createMtSicsTwin({ clock, dialect: 'ohaus' }),
  },
  { name: 'avery-berkel', driver: averyBerkel, createTwin: (clock) => createAveryBerkelTwin({ clock }) },
  { name: 'magellan', driver: magellan, createTwin: (clock) => createMagellanTwin({ clock }) },
]

const stepMs = 10
/** One division of the scale, 5 g, in ms: the load grows by 5 g every 50 ms. */
const divisionMs = 50
const firstGrams = 100

describe.each(cases)('$name', ({ driver, settings, createTwin }) => {
  const lags = [300, 450, 700, 950].flatMap((lagMs) =>
    [70, 300, 600, 1_100].map((gapMs) => ({ lagMs, gapMs })),
  )
  it.each(lags)(
    '[SCALE2] no weight is older than its question, with answers that take $lagMs ms, asked every $gapMs ms',
    async ({ lagMs, gapMs }) => {
      const bench = onABench(driver, () => undefined, settings)
      const { clock, wire, device, weighing } = bench
      const twin = createTwin(clock)
      let lag = 0
      twin.attach({
        write: (bytes) => void (lag === 0 ? wire.write(bytes) : clock.after(lag, () => wire.write(bytes))),
        onBytes: (listener) => wire.onBytes(listener),
        close: () => wire.close(),
      })
      const grow = () => {
        const grams = firstGrams + Math.round(clock.monotonic() / divisionMs) * 5
        twin.order({ order: 'load', grams })
      }
      grow()
      await device.start()
      lag = lagMs
      let told = 0
      const old: string[] = []
      for (let cameAt = clock.monotonic(); cameAt < 12_000; cameAt = clock.monotonic()) {
        void weighing.read().then(
          ({ weight }) => {
            told++
            const weighedAt = ((Math.round(Number(weight) * 1_000) - firstGrams) / 5) * divisionMs
            if (weighedAt < cameAt - divisionMs) old.push(`asked at ${cameAt}, weighed at ${weighedAt}`)
          },
          () => {},
        )
        for (let ms = 0; ms < gapMs; ms += stepMs) {
          grow()
          await clock.advance(stepMs)
        }
      }
      expect(old).toEqual([])
      // One exchange of one question fits into readMsMax.
      if (lagMs === 300 && (driver === toledo8217 || driver === magellan)) expect(told).toBeGreaterThan(0)
      await device.stop()
      twin.stop()
    },
  )
})
