/** A label printer on a workbench: any label driver and its twin on the two ends of a wire in memory, with a clock that stands still. */
import type { AttemptResult, Driver, Printing, Twin } from '../../../src/drivers/driver.ts'
import type { PrintPayload } from '../../../src/protocol/job.ts'
import type { TestClock } from '../../support/clock.ts'
import {
  type DriverBench,
  newAttempt,
  openBench,
  settled as settledInSteps,
  type TestAttempt,
} from '../../support/driver-bench.ts'

export interface LabelBench<T extends Twin> extends DriverBench<T> {
  printing: Printing
  /** Bytes that the driver handed over, all in one. */
  sent: () => Buffer
}

/** Started, unless `start` is false. */
export async function openPrinter<T extends Twin>(
  driver: Driver<never>,
  createTwin: (clock: TestClock) => T,
  options: { settings?: Record<string, unknown>; start?: boolean; chunkBytesMax?: number } = {},
): Promise<LabelBench<T>> {
  const { start = true, ...rest } = options
  const bench = openBench(driver, createTwin, { ...rest, timed: true })
  if (start) await settled(bench.clock, bench.device.start())
  return { ...bench, printing: bench.device.printing!, sent: () => Buffer.concat(bench.writes) }
}

/** Prepares in real time, as workers take it, then prints in the time of the clock. */
export async function print(
  bench: Pick<LabelBench<Twin>, 'printing' | 'clock'>,
  payload: PrintPayload,
  attempt: TestAttempt = newAttempt(),
): Promise<AttemptResult> {
  const prepared = await bench.printing.prepare(payload, attempt.jobId)
  return settled(bench.clock, bench.printing.print(prepared, attempt))
}

/** Moves the clock until a promise has settled; a printer takes its time. */
export function settled<T>(clock: TestClock, promise: Promise<T>, msMax = 600_000): Promise<T> {
  return settledInSteps(clock, promise, msMax, 25)
}
