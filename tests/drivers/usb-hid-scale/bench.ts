/** A USB scale on a workbench: the driver and its twin on the two ends of a wire in memory, with a clock that stands still. */
import { usbHidScale } from '../../../src/drivers/scales/usb-hid-scale/driver.ts'
import {
  createUsbHidScaleTwin,
  type UsbHidScaleTwin,
  type UsbHidScaleTwinOptions,
} from '../../../src/drivers/scales/usb-hid-scale/twin.ts'
import type { TestClock } from '../../support/clock.ts'
import { settled } from '../../support/driver-bench.ts'
import { onABench, type ScaleBench } from '../../support/scale-on-a-bench.ts'

export type Bench = ScaleBench<UsbHidScaleTwin>

export interface BenchOptions {
  twin?: Partial<UsbHidScaleTwinOptions>
  clock?: TestClock
  from?: UsbHidScaleTwin
}

export function openScale(settings: Record<string, unknown> = {}, options: BenchOptions = {}): Bench {
  const { from, twin, ...rest } = options
  return onABench(usbHidScale, (clock) => from ?? createUsbHidScaleTwin({ clock, ...twin }), settings, rest)
}

/** One that has greeted its scale and got over the report that may be stale. */
export async function startedScale(
  settings: Record<string, unknown> = {},
  options: BenchOptions = {},
): Promise<Bench> {
  const bench = openScale(settings, options)
  const starting = bench.device.start()
  bench.twin.poll()
  await settled(bench.clock, starting)
  return bench
}
