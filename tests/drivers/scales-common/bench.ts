/** A scale of any language on a workbench: driver and twin on the two ends of a wire in memory, with a clock that stands still. */
import type { Attempt, Driver, OpenDevice, Twin, Weighing } from '../../../src/drivers/driver.ts'
import { type MemoryEnd, memoryPair } from '../../../src/drivers/transports/memory.ts'
import type { Transport } from '../../../src/drivers/transports/transport.ts'
import type { Weight } from '../../../src/protocol/device.ts'
import { TestClock } from '../../support/clock.ts'

export interface ScaleBench<T> {
  clock: TestClock
  twin: T
  transport: Transport
  wire: MemoryEnd
  device: OpenDevice
  weighing: Weighing
  weights: Weight[]
  /** Every list of faults told, by codes and messages. */
  faults: { code: string; message: string }[][]
  details: Record<string, unknown>
}

export const bytes = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0))

export function benchOf<T extends Twin | undefined>(
  // The bench never looks into the settings.
  // biome-ignore lint/suspicious/noExplicitAny: a driver of any settings
  driver: Driver<any>,
  createTwin: (clock: TestClock) => T,
  settings: Record<string, unknown> = {},
  chunkBytesMax = Number.POSITIVE_INFINITY,
): ScaleBench<T> {
  const clock = new TestClock()
  const twin = createTwin(clock)
  const [transport, wire] = memoryPair('scale', { chunkBytesMax })
  twin?.attach(wire)
  const told = {
    weights: [] as Weight[],
    faults: [] as { code: string; message: string }[][],
    details: {} as Record<string, unknown>,
  }
  const device = driver.open({
    transport,
    profile: { id: 'test', driver: driver.id, name: 'T', maker: 'T', settings: {}, quirks: [], sources: [] },
    settings: driver.settings.parse(settings),
    clock,
    log: { debug() {}, info() {}, warn() {} },
    listener: {
      faults: (faults) => void told.faults.push(faults.map(({ code, message }) => ({ code, message }))),
      details: (details) => void Object.assign(told.details, details),
      scan() {},
      drawer() {},
      weight: (weight) => void told.weights.push(weight),
    },
    device: 'scale-1',
    newId: () => 'id-1',
  })
  return { clock, twin, transport, wire, device, weighing: device.weighing as Weighing, ...told }
}

export function newAttempt(): Attempt & { sent: number; abort(): void } {
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
