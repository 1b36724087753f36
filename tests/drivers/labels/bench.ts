/** A label printer on a workbench: any label driver and its twin on the two ends of a wire in memory, with a clock that stands still. */
import { onTestFinished } from 'vitest'
import type {
  Attempt,
  AttemptResult,
  Driver,
  OpenDevice,
  Printing,
  Twin,
} from '../../../src/drivers/driver.ts'
import { type MemoryEnd, memoryPair } from '../../../src/drivers/transports/memory.ts'
import type { Transport } from '../../../src/drivers/transports/transport.ts'
import type { PrintPayload } from '../../../src/protocol/job.ts'
import { TestClock } from '../../support/clock.ts'

export interface LabelBench<T extends Twin> {
  clock: TestClock
  twin: T
  transport: Transport
  wire: MemoryEnd
  device: OpenDevice
  printing: Printing
  /** Every list of faults told, by codes. */
  faults: string[][]
  details: Record<string, unknown>
  /** Bytes that the driver handed over, all in one. */
  sent: () => Buffer
}

const quiet = { debug() {}, info() {}, warn() {} }

/** Started, unless `start` is false. `answer` stands for the printer where there is no twin. */
export async function openPrinter<T extends Twin>(
  driver: Driver<never>,
  createTwin: (clock: TestClock) => T,
  options: { settings?: Record<string, unknown>; start?: boolean; chunkBytesMax?: number } = {},
): Promise<LabelBench<T>> {
  const clock = new TestClock()
  const twin = createTwin(clock)
  const [inner, wire] = memoryPair('label', {
    clock,
    chunkBytesMax: options.chunkBytesMax ?? Number.POSITIVE_INFINITY,
    ...(twin.faces === undefined ? {} : { faces: twin.faces }),
  })
  const written: Uint8Array[] = []
  const transport = new Proxy(inner, {
    get(target, name) {
      if (name === 'write') {
        return (bytes: Uint8Array) => {
          written.push(bytes.slice())
          return target.write(bytes)
        }
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  twin.attach(wire)
  const bench = { faults: [] as string[][], details: {} as Record<string, unknown> }
  let ids = 0
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
    settings: driver.settings.parse(options.settings ?? {}) as never,
    clock,
    log: quiet,
    listener: {
      faults: (faults) => bench.faults.push(faults.map(({ code }) => code)),
      details: (details) => Object.assign(bench.details, details),
      scan() {},
      drawer() {},
      weight() {},
    },
    device: 'printer-1',
    newId: () => `id-${++ids}`,
  })
  onTestFinished(async () => {
    await device.stop()
    twin.stop()
    await transport.close()
  })
  if (options.start !== false) await settled(clock, device.start())
  const sent = () => Buffer.concat(written)
  return { clock, twin, transport, wire, device, printing: device.printing!, sent, ...bench }
}

export interface TestAttempt extends Attempt {
  sent: number
  /** What it waited for, in order; undefined for nothing. */
  waits: (string | undefined)[]
  abort(): void
}

export function newAttempt(jobId = 'job-1'): TestAttempt {
  const controller = new AbortController()
  const attempt = {
    jobId,
    sent: 0,
    waits: [] as (string | undefined)[],
    sending() {
      attempt.sent++
    },
    waiting(forWhat: string | undefined) {
      attempt.waits.push(forWhat)
    },
    signal: controller.signal,
    abort: () => controller.abort(),
  }
  return attempt
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

/** Moves the clock until a promise has settled; gives up after `msMax`, so that a test fails and does not hang. */
export async function settled<T>(clock: TestClock, promise: Promise<T>, msMax = 600_000): Promise<T> {
  let over = false
  const watched = promise.finally(() => {
    over = true
  })
  watched.catch(() => {})
  for (let ms = 0; !over && ms < msMax; ms += 25) await clock.advance(25)
  if (!over) throw new Error(`nothing happened for ${msMax} ms`)
  return watched
}
