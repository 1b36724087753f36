/** Any scale driver and its twin on the two ends of a wire in memory, with a clock that stands still. */
import type {
  Attempt,
  DeviceListener,
  Driver,
  DriverFault,
  OpenDevice,
  Profile,
  Twin,
  Weighing,
} from '../../src/drivers/driver.ts'
import { type MemoryEnd, memoryPair } from '../../src/drivers/transports/memory.ts'
import type { Transport } from '../../src/drivers/transports/transport.ts'
import type { Scan, Weight } from '../../src/protocol/device.ts'
import { TestClock } from './clock.ts'

export interface Told {
  weights: Weight[]
  scans: Scan[]
  /** Every list of faults told. */
  faults: (readonly DriverFault[])[]
  details: Record<string, unknown>
}

export interface ScaleBench<T extends Twin> extends Told {
  clock: TestClock
  twin: T
  transport: Transport
  wire: MemoryEnd
  device: OpenDevice
  weighing: Weighing
}

export const quietLog = { debug() {}, info() {}, warn() {} }

/** Puts driver and twin on a wire; the device is opened and not started. */
export function onABench<T extends Twin>(
  // biome-ignore lint/suspicious/noExplicitAny: a driver of any settings
  driver: Driver<any>,
  createTwin: (clock: TestClock) => T,
  settings: Record<string, unknown> = {},
  options: { chunkBytesMax?: number } = {},
): ScaleBench<T> {
  const clock = new TestClock()
  const twin = createTwin(clock)
  const [transport, wire] = memoryPair('scale', {
    chunkBytesMax: options.chunkBytesMax ?? Number.POSITIVE_INFINITY,
  })
  twin.attach(wire)
  const told: Told = { weights: [], scans: [], faults: [], details: {} }
  const device = openOn(driver, transport, clock, settings, told)
  return { ...told, clock, twin, transport, wire, device, weighing: device.weighing as Weighing }
}

export function openOn(
  // biome-ignore lint/suspicious/noExplicitAny: a driver of any settings
  driver: Driver<any>,
  transport: Transport,
  clock: { now(): number; monotonic(): number; after(ms: number, callback: () => void): () => void },
  settings: Record<string, unknown>,
  told: Told,
): OpenDevice {
  const profile: Profile = {
    id: 'test',
    driver: driver.id,
    name: 'Test',
    maker: 'Test',
    settings: {},
    quirks: [],
    sources: [],
  }
  const listener: DeviceListener = {
    faults: (faults) => told.faults.push(faults),
    details: (details) => Object.assign(told.details, details),
    scan: (scan) => told.scans.push(scan),
    drawer() {},
    weight: (weight) => told.weights.push(weight),
  }
  return driver.open({
    transport,
    profile,
    settings: driver.settings.parse(settings),
    clock,
    log: quietLog,
    listener,
    device: 'scale-1',
    newId: () => 'id-1',
  })
}

/** An attempt that counts its calls of `sending`. */
export function countedAttempt(): Attempt & { sent: number; abort(): void } {
  const controller = new AbortController()
  const attempt = {
    jobId: 'job-1',
    sent: 0,
    sending() {
      attempt.sent++
    },
    waiting() {},
    signal: controller.signal,
    abort: () => controller.abort(),
  }
  return attempt
}

/** Moves the clock until a promise has settled; gives up after `msMax`, so that a test fails and does not hang. */
export async function until<V>(clock: TestClock, promise: Promise<V>, msMax = 60_000): Promise<V> {
  let over = false
  const watched = promise.finally(() => {
    over = true
  })
  watched.catch(() => {})
  for (let ms = 0; !over && ms < msMax; ms += 10) await clock.advance(10)
  if (!over) throw new Error(`nothing happened for ${msMax} ms`)
  return watched
}

/** The code of the HubError a promise is rejected with, and what it says. */
export async function refusalOf(promise: Promise<unknown>): Promise<{ code: string; text: string }> {
  try {
    await promise
    return { code: 'no error', text: '' }
  } catch (error) {
    return { code: (error as { code?: string }).code ?? 'no code', text: String(error) }
  }
}
