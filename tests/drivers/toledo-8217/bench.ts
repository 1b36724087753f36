/** A scale on a workbench: the driver and its twin on the two ends of a wire in memory, with a clock that stands still. */
import { toledo8217 } from '../../../src/drivers/scales/toledo-8217/driver.ts'
import { Toledo8217Twin, type Toledo8217TwinOptions } from '../../../src/drivers/scales/toledo-8217/twin.ts'
import type { TestClock } from '../../support/clock.ts'
import { onABench, type ScaleBench } from '../../support/scale-on-a-bench.ts'

export type Bench = ScaleBench<Toledo8217Twin>

export function openScale(
  settings: Record<string, unknown> = {},
  options: { twin?: Partial<Toledo8217TwinOptions>; chunkBytesMax?: number; clock?: TestClock } = {},
): Bench {
  const { twin, ...rest } = options
  return onABench(toledo8217, (clock) => new Toledo8217Twin({ clock, ...twin }), settings, rest)
}
