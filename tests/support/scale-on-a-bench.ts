/** Any scale driver and its twin, or nobody, on the two ends of a wire in memory, with a clock that stands still. */
import { expect } from 'vitest'
import type { Twin, Weighing } from '../../src/drivers/driver.ts'
import type { TestClock } from './clock.ts'
import { type AnyDriver, type DriverBench, openBench, refusalOf, settled } from './driver-bench.ts'

export interface ScaleBench<T extends Twin | undefined> extends DriverBench<T> {
  weighing: Weighing
}

export const bytes = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0))

/** Puts driver and twin on a wire; the device is opened and not started. */
export function onABench<T extends Twin | undefined>(
  driver: AnyDriver,
  createTwin: (clock: TestClock) => T,
  settings: Record<string, unknown> = {},
  options: { chunkBytesMax?: number | undefined; clock?: TestClock } = {},
): ScaleBench<T> {
  const bench = openBench(driver, createTwin, { settings, ...options })
  return { ...bench, weighing: bench.device.weighing as Weighing }
}

/** A scale that answers late: an error within `readMsMax` of 500 ms, and its answer is not the next weight. */
export async function expectNoLateWeight({ clock, weighing, twin }: ScaleBench<Twin>): Promise<void> {
  twin.order({ order: 'load', grams: 500 })
  twin.order({ order: 'fault', fault: 'slow' })
  const begun = clock.monotonic()
  expect((await settled(clock, refusalOf(weighing.read()))).code).toBe('answer_timeout')
  expect(clock.monotonic() - begun).toBeLessThanOrEqual(510)
  twin.order({ order: 'fault', fault: 'none' })
  await clock.advance(4_200)
  twin.order({ order: 'load', grams: 700 })
  const weight = await settled(
    clock,
    weighing.read().catch(() => undefined),
  )
  expect([undefined, '0.700']).toContain(weight?.weight)
  await clock.advance(10_000)
  expect((await settled(clock, weighing.read())).weight).toBe('0.700')
}
