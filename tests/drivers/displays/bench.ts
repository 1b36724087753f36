/** A display on a workbench: a driver and its twin on the two ends of a wire in memory, with a clock that stands still. */
import { onTestFinished } from 'vitest'
import type {
  Attempt,
  AttemptResult,
  Displaying,
  Driver,
  DriverClock,
  DriverFault,
  OpenDevice,
  Twin,
} from '../../../src/drivers/driver.ts'
import { type MemoryEnd, memoryPair } from '../../../src/drivers/transports/memory.ts'
import type { Transport } from '../../../src/drivers/transports/transport.ts'
import { settle, TestClock } from '../../support/clock.ts'

export const quiet = { debug() {}, info() {}, warn() {} }

export interface Told {
  faults: DriverFault[][]
  drawer: boolean[]
  details: Record<string, unknown>
}

export interface Bench<T extends Twin> extends Told {
  clock: TestClock
  twin: T
  transport: Transport
  wire: MemoryEnd
  device: OpenDevice
  displaying: Displaying
  /** Everything that was written, one entry a write. */
  writes: Uint8Array[]
}

export function openOn(
  // biome-ignore lint/suspicious/noExplicitAny: a driver of any settings
  driver: Driver<any>,
  transport: Transport,
  clock: DriverClock,
  settings: Record<string, unknown>,
  told: Told = { faults: [], drawer: [], details: {} },
): OpenDevice {
  const device = driver.open({
    transport,
    profile: {
      id: 'test',
      driver: driver.id,
      name: 'Test',
      maker: 'Test',
      settings: {},
      quirks: [],
      sources: [],
    },
    settings: driver.settings.parse(settings),
    clock,
    log: quiet,
    listener: {
      faults: (faults) => void told.faults.push([...faults]),
      details: (details) => void Object.assign(told.details, details),
      scan() {},
      drawer: (open) => void told.drawer.push(open),
      weight() {},
    },
    device: 'device-1',
    newId: () => 'id-1',
  })
  onTestFinished(() => device.stop())
  return device
}

export function openBench<T extends Twin>(
  // biome-ignore lint/suspicious/noExplicitAny: a driver of any settings
  driver: Driver<any>,
  createTwin: (clock: TestClock) => T,
  settings: Record<string, unknown> = {},
  chunkBytesMax = Number.POSITIVE_INFINITY,
): Bench<T> {
  const clock = new TestClock()
  const twin = createTwin(clock)
  const [inner, wire] = memoryPair('bench', { chunkBytesMax, ...(twin.faces ? { faces: twin.faces } : {}) })
  twin.attach(wire)
  onTestFinished(() => twin.stop())
  const writes: Uint8Array[] = []
  const transport = new Proxy(inner, {
    get(target, name) {
      if (name === 'write')
        return (bytes: Uint8Array) => {
          if (bytes.length > 0) writes.push(bytes)
          return target.write(bytes)
        }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const told: Told = { faults: [], drawer: [], details: {} }
  const device = openOn(driver, transport, clock, settings, told)
  return {
    clock,
    twin,
    transport,
    wire,
    device,
    displaying: device.displaying as Displaying,
    writes,
    ...told,
  }
}

export interface TestAttempt extends Attempt {
  sent: number
  abort(): void
}

export function newAttempt(): TestAttempt {
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
  await settle()
  for (let ms = 0; !over && ms < msMax; ms += 10) await clock.advance(10)
  if (!over) throw new Error(`nothing happened for ${msMax} ms`)
  return watched
}

export const confirmed = (result: AttemptResult): unknown =>
  result.state === 'done' ? result.outcome.confirmed : (result.error as { code?: string }).code

export const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex')
export const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex')

/** The code of the error a promise is rejected with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? String(error),
  )
}
