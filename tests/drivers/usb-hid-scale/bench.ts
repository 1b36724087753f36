/** A USB scale on a workbench: the driver and its twin on the two ends of a wire in memory, with a clock that stands still. */
import type { Attempt, OpenDevice, Weighing } from '../../../src/drivers/driver.ts'
import { usbHidScale } from '../../../src/drivers/scales/usb-hid-scale/driver.ts'
import {
  createUsbHidScaleTwin,
  type UsbHidScaleTwin,
  type UsbHidScaleTwinOptions,
} from '../../../src/drivers/scales/usb-hid-scale/twin.ts'
import { type MemoryEnd, memoryPair } from '../../../src/drivers/transports/memory.ts'
import type { Transport } from '../../../src/drivers/transports/transport.ts'
import type { Weight } from '../../../src/protocol/device.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import { TestClock } from '../../support/clock.ts'

export interface Bench {
  clock: TestClock
  twin: UsbHidScaleTwin
  wire: MemoryEnd
  transport: Transport
  device: OpenDevice
  weighing: Weighing
  weights: Weight[]
  /** Every list of faults told, by codes. */
  faults: string[][]
  details: Record<string, unknown>
}

export interface BenchOptions {
  twin?: Partial<UsbHidScaleTwinOptions>
  clock?: TestClock
  from?: UsbHidScaleTwin
}

export function openScale(settings: Record<string, unknown> = {}, options: BenchOptions = {}): Bench {
  const clock = options.clock ?? new TestClock()
  const twin = options.from ?? createUsbHidScaleTwin({ clock, ...options.twin })
  const [transport, wire] = memoryPair('scale', { faces: twin.faces })
  twin.attach(wire)
  const told = { weights: [] as Weight[], faults: [] as string[][], details: {} as Record<string, unknown> }
  const device = usbHidScale.open({
    transport,
    profile: {
      id: 'test',
      driver: 'usb-hid-scale',
      name: 'T',
      maker: 'T',
      settings: {},
      quirks: [],
      sources: [],
    },
    settings: usbHidScale.settings.parse(settings),
    clock,
    log: { debug() {}, info() {}, warn() {} },
    listener: {
      faults: (faults) => told.faults.push(faults.map(({ code }) => code)),
      details: (details) => Object.assign(told.details, details),
      scan() {},
      drawer() {},
      weight: (weight) => told.weights.push(weight),
    },
    device: 'scale-1',
    newId: () => 'id-1',
  })
  return { clock, twin, wire, transport, device, weighing: device.weighing as Weighing, ...told }
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

export function newAttempt(): Attempt & { sent: number; abort(): void } {
  const controller = new AbortController()
  const attempt = {
    jobId: 'job-1',
    sent: 0,
    sending: () => void attempt.sent++,
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
  if (!over) throw new HubError('internal', { reason: `nothing happened for ${msMax} ms` })
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
