/** What a workbench of a driver is made of: an open device that is listened to, attempts that keep count, and a clock that is moved. */
import { onTestFinished } from 'vitest'
import type {
  Attempt,
  AttemptResult,
  DeviceListener,
  Driver,
  DriverClock,
  DriverFault,
  DriverLog,
  OpenDevice,
  Profile,
  Twin,
} from '../../src/drivers/driver.ts'
import { type MemoryEnd, memoryPair } from '../../src/drivers/transports/memory.ts'
import type { Transport, TransportFaces } from '../../src/drivers/transports/transport.ts'
import type { Scan, Weight } from '../../src/protocol/device.ts'
import { settle, TestClock } from './clock.ts'

// The bench never looks into the settings.
// biome-ignore lint/suspicious/noExplicitAny: a driver of any settings
export type AnyDriver = Driver<any>

/** What a device said of itself or of the world, in order. */
export interface Told {
  /** Every list of faults. */
  faults: (readonly DriverFault[])[]
  /** The same, by codes. */
  faultCodes: string[][]
  /** All that was told, put together. */
  details: Record<string, unknown>
  drawer: boolean[]
  scans: Scan[]
  weights: Weight[]
  /** The fields of every warning in the log. */
  warnings: object[]
  /** The words of the same. */
  warningTexts: string[]
}

export function newTold(): Told {
  return {
    faults: [],
    faultCodes: [],
    details: {},
    drawer: [],
    scans: [],
    weights: [],
    warnings: [],
    warningTexts: [],
  }
}

function listenerOf(told: Partial<Told>): DeviceListener {
  return {
    faults(faults) {
      told.faults?.push(faults)
      told.faultCodes?.push(faults.map(({ code }) => code))
    },
    details: (details) => Object.assign(told.details ?? {}, details),
    scan: (scan) => told.scans?.push(scan),
    drawer: (open) => told.drawer?.push(open),
    weight: (weight) => told.weights?.push(weight),
  }
}

export interface OpenOptions {
  /** What the driver's schema reads; default: none. */
  settings?: Readonly<Record<string, unknown>>
  /** Gets what is told, as far as it has a place for it. */
  told?: Partial<Told>
  /** Hears in place of `told`. */
  listener?: Partial<DeviceListener>
  profile?: Partial<Profile>
}

/** Opens a device, `scale-1` and the like by its class, and does not start it. */
export function openDriver(
  driver: AnyDriver,
  transport: Transport,
  clock: DriverClock,
  options: OpenOptions = {},
): OpenDevice {
  const { settings = {}, told = {}, listener = {}, profile = {} } = options
  const log: DriverLog = {
    debug() {},
    info() {},
    warn(fields, message) {
      told.warnings?.push(fields)
      told.warningTexts?.push(message)
    },
  }
  let ids = 0
  return driver.open({
    transport,
    profile: {
      id: 'test',
      driver: driver.id,
      name: 'Test',
      maker: 'Test',
      settings: {},
      quirks: [],
      sources: [],
      ...profile,
    },
    settings: driver.settings.parse(settings),
    clock,
    log,
    listener: { ...listenerOf(told), ...listener },
    device: `${driver.class}-1`,
    newId: () => `id-${++ids}`,
  })
}

/** The transport, told of each write at the moment it is made. */
export function overheard(inner: Transport, onWrite: (bytes: Uint8Array) => void): Transport {
  return new Proxy(inner, {
    get(target, name) {
      if (name === 'write') {
        return (bytes: Uint8Array) => {
          onWrite(bytes)
          return target.write(bytes)
        }
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

export interface DriverBench<T extends Twin | undefined> extends Told {
  clock: TestClock
  twin: T
  transport: Transport
  /** The twin's end of the wire, to say things on it that no twin would. */
  wire: MemoryEnd
  device: OpenDevice
  /** What was written, one entry a write; writes of nothing are left out. */
  writes: Uint8Array[]
}

export interface BenchOptions extends OpenOptions {
  clock?: TestClock
  /** Bytes are delivered, both ways, in pieces of at most this size. */
  chunkBytesMax?: number | undefined
  /** What the port can do beside bytes; default: the twin's. */
  faces?: TransportFaces
  /** Writes that the twin does not take time out. */
  timed?: boolean
}

/**
 * Puts driver and twin, or nobody, on the two ends of a wire in memory; the device is opened and not started. All is
 * stopped when the test ends.
 */
export function openBench<T extends Twin | undefined>(
  driver: AnyDriver,
  createTwin: (clock: TestClock) => T,
  options: BenchOptions = {},
): DriverBench<T> {
  const clock = options.clock ?? new TestClock()
  const twin = createTwin(clock)
  const faces = options.faces ?? twin?.faces
  const [inner, wire] = memoryPair(driver.class, {
    chunkBytesMax: options.chunkBytesMax ?? Number.POSITIVE_INFINITY,
    ...(options.timed === true ? { clock } : {}),
    ...(faces === undefined ? {} : { faces }),
  })
  const writes: Uint8Array[] = []
  const transport = overheard(inner, (bytes) => {
    if (bytes.length > 0) writes.push(bytes.slice())
  })
  twin?.attach(wire)
  const told = newTold()
  const device = openDriver(driver, transport, clock, { told, ...options })
  onTestFinished(async () => {
    await device.stop()
    twin?.stop()
    await transport.close()
  })
  return { ...told, clock, twin, transport, wire, device, writes }
}

/** An attempt that keeps what the driver made of it. */
export interface TestAttempt extends Attempt {
  /** Calls of `sending`. */
  sent: number
  /** What it waited for, in order; undefined for "goes on". */
  waits: (string | undefined)[]
  abort(): void
}

export function newAttempt(jobId = 'job-1', onSending: () => void = () => {}): TestAttempt {
  const controller = new AbortController()
  const attempt = {
    jobId,
    sent: 0,
    waits: [] as (string | undefined)[],
    sending() {
      attempt.sent++
      onSending()
    },
    waiting: (forWhat: string | undefined) => void attempt.waits.push(forWhat),
    signal: controller.signal,
    abort: () => controller.abort(),
  }
  return attempt
}

/** The state and, for what did not go well, the code: `done`, `unknown job_outcome_unknown`. */
export function verdict(result: AttemptResult): string {
  return result.state === 'done' ? 'done' : `${result.state} ${(result.error as { code?: string }).code}`
}

/**
 * Moves the clock in steps of `stepMs` until a promise has settled; gives up after `msMax`, so that a test fails and does
 * not hang.
 */
export async function settled<T>(
  clock: TestClock,
  promise: Promise<T>,
  msMax = 60_000,
  stepMs = 10,
): Promise<T> {
  let over = false
  const watched = promise.finally(() => {
    over = true
  })
  watched.catch(() => {})
  await settle()
  for (let ms = 0; !over && ms < msMax; ms += stepMs) await clock.advance(stepMs)
  if (!over) throw new Error(`nothing happened for ${msMax} ms`)
  return watched
}

/** The code of the HubError a promise is rejected with, and what it says. */
export function refusalOf(promise: Promise<unknown>): Promise<{ code: string; text: string }> {
  return promise.then(
    () => ({ code: 'no error', text: '' }),
    (error: { code?: string }) => ({ code: error.code ?? String(error), text: String(error) }),
  )
}

export const codeOf = async (promise: Promise<unknown>): Promise<string> => (await refusalOf(promise)).code
