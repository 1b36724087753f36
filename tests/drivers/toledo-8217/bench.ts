/** A scale on a workbench: the driver and its twin on the two ends of a wire in memory, with a clock that stands still. */

import type { Attempt, DriverFault, OpenDevice, Weighing } from '../../../src/drivers/driver.ts'
import { toledo8217 } from '../../../src/drivers/scales/toledo-8217/driver.ts'
import { Toledo8217Twin, type Toledo8217TwinOptions } from '../../../src/drivers/scales/toledo-8217/twin.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import type { Transport } from '../../../src/drivers/transports/transport.ts'
import type { Weight } from '../../../src/protocol/device.ts'
import { TestClock } from '../../support/clock.ts'

export interface Bench {
  clock: TestClock
  twin: Toledo8217Twin
  transport: Transport
  device: OpenDevice
  weighing: Weighing
  weights: Weight[]
  /** Every list of faults told, by codes. */
  faults: string[][]
  details: Record<string, unknown>
}

export const quiet = { debug() {}, info() {}, warn() {} }

export function openScale(
  settings: Record<string, unknown> = {},
  options: { twin?: Partial<Toledo8217TwinOptions>; chunkBytesMax?: number; clock?: TestClock } = {},
): Bench {
  const clock = options.clock ?? new TestClock()
  const twin = new Toledo8217Twin({ clock, ...options.twin })
  const [transport, wire] = memoryPair('scale', {
    chunkBytesMax: options.chunkBytesMax ?? Number.POSITIVE_INFINITY,
  })
  twin.attach(wire)
  const bench = { clock, twin, transport, weights: [] as Weight[], faults: [] as string[][], details: {} }
  const device = openOn(transport, settings, bench)
  return { ...bench, device, weighing: device.weighing as Weighing }
}

export function openOn(
  transport: Transport,
  settings: Record<string, unknown>,
  told: Pick<Bench, 'clock' | 'weights' | 'faults' | 'details'>,
): OpenDevice {
  return toledo8217.open({
    transport,
    profile: {
      id: 'test',
      driver: 'toledo-8217',
      name: 'Test',
      maker: 'Test',
      settings: {},
      quirks: [],
      sources: [],
    },
    settings: toledo8217.settings.parse(settings),
    clock: told.clock,
    log: quiet,
    listener: {
      faults: (faults: readonly DriverFault[]) => told.faults.push(faults.map((fault) => fault.code)),
      details: (details) => Object.assign(told.details, details),
      scan() {},
      drawer() {},
      weight: (weight) => told.weights.push(weight),
    },
    device: 'scale-1',
    newId: () => 'id-1',
  })
}

export interface TestAttempt extends Attempt {
  sent: number
  abort(): void
}

export function newAttempt(onSending: () => void = () => {}): TestAttempt {
  const controller = new AbortController()
  const attempt = {
    jobId: 'job-1',
    sent: 0,
    sending() {
      attempt.sent++
      onSending()
    },
    waiting() {},
    signal: controller.signal,
    abort: () => controller.abort(),
  }
  return attempt
}

/** Moves the clock until a promise has settled; gives up after `msMax`, so that a test fails and does not hang. */
export async function settled<T>(clock: TestClock, promise: Promise<T>, msMax = 60_000): Promise<T> {
  let over = false
  const watched = promise.finally(() => {
    over = true
  })
  watched.catch(() => {})
  for (let ms = 0; !over && ms < msMax; ms += 10) await clock.advance(10)
  if (!over) throw new Error(`nothing happened for ${msMax} ms`)
  return watched
}

/** The code of the HubError a promise is rejected with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}
