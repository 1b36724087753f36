/** A display or a drawer on a workbench: a driver and its twin on the two ends of a wire in memory, with a clock that stands still. */
import { onTestFinished } from 'vitest'
import type {
  AttemptResult,
  Displaying,
  DrawerKicking,
  DriverClock,
  OpenDevice,
  Twin,
} from '../../../src/drivers/driver.ts'
import type { Transport } from '../../../src/drivers/transports/transport.ts'
import type { TestClock } from '../../support/clock.ts'
import {
  type AnyDriver,
  type DriverBench,
  newAttempt,
  openDriver,
  openBench as openDriverBench,
  settled,
} from '../../support/driver-bench.ts'

export interface Bench<T extends Twin> extends DriverBench<T> {
  displaying: Displaying
}

export function openOn(
  driver: AnyDriver,
  transport: Transport,
  clock: DriverClock,
  settings: Record<string, unknown>,
): OpenDevice {
  const device = openDriver(driver, transport, clock, { settings })
  onTestFinished(() => device.stop())
  return device
}

export function openBench<T extends Twin>(
  driver: AnyDriver,
  createTwin: (clock: TestClock) => T,
  settings: Record<string, unknown> = {},
  chunkBytesMax = Number.POSITIVE_INFINITY,
): Bench<T> {
  const bench = openDriverBench(driver, createTwin, { settings, chunkBytesMax })
  return { ...bench, displaying: bench.device.displaying as Displaying }
}

/** A drawer that is started, and a kick of it that moves the clock. */
export async function startedDrawer<T extends Twin>(
  driver: AnyDriver,
  createTwin: (clock: TestClock) => T,
  settings: Record<string, unknown> = {},
) {
  const bench = openDriverBench(driver, createTwin, { settings })
  await settled(bench.clock, bench.device.start())
  const kicking = bench.device.drawer as DrawerKicking
  const kick = (payload = {}, attempt = newAttempt()) =>
    settled(bench.clock, kicking.openDrawer(payload, attempt))
  return { ...bench, kicking, kick }
}

export const confirmed = (result: AttemptResult): unknown =>
  result.state === 'done' ? result.outcome.confirmed : (result.error as { code?: string }).code

export const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex')
export const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex')
