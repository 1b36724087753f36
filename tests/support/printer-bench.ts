/** A receipt printer on a workbench: the driver and its twin on a wire in memory, with time that stands still until it is moved. */
import type {
  Attempt,
  AttemptResult,
  DriverFault,
  OpenDevice,
  Quirk,
  Twin,
  TwinWire,
} from '../../src/drivers/driver.ts'
import { type MemoryEnd, memoryPair } from '../../src/drivers/transports/memory.ts'
import type { Transport } from '../../src/drivers/transports/transport.ts'
import type { PrintPayload } from '../../src/protocol/job.ts'
import { settle, TestClock } from './clock.ts'
import { type AnyDriver, newAttempt, newTold, openDriver, settled } from './driver-bench.ts'

/** One attempt as the hub makes it, with what was told during it. */
export interface Try {
  readonly result: Promise<AttemptResult>
  readonly sent: () => boolean
  /** What it waited for, in order; undefined for "goes on". */
  readonly waits: (string | undefined)[]
  readonly abort: () => void
}

export abstract class PrinterBench<S extends Record<string, unknown>> {
  readonly clock = new TestClock()
  abstract readonly twin: Twin
  abstract readonly driver: AnyDriver
  abstract readonly settings: S
  readonly quirks: readonly Quirk[] = []
  transport!: Transport
  device!: OpenDevice
  readonly #told = newTold()

  /** The end of the wire that the twin gets. */
  protected abstract wireOf(end: MemoryEnd): TwinWire

  /** Plugs the cable in and opens the device; does not start it. */
  open(): OpenDevice {
    const [transport, end] = memoryPair('printer', { clock: this.clock })
    this.transport = transport
    this.twin.attach(this.wireOf(end))
    this.device = openDriver(this.driver, transport, this.clock, {
      settings: this.settings,
      profile: { quirks: this.quirks },
      told: this.#told,
    })
    return this.device
  }

  async start(): Promise<this> {
    this.open()
    await this.until(this.device.start())
    await settle()
    return this
  }

  /** Moves time on in steps until the promise settles. */
  until<T>(promise: Promise<T>, msMax = 120_000): Promise<T> {
    return settled(this.clock, promise, msMax, 50)
  }

  async print(payload: PrintPayload | string = 'Hello\n', jobId = 'job-1'): Promise<Try> {
    const printing = this.device.printing!
    const prepared = await printing.prepare(typeof payload === 'string' ? { text: payload } : payload, jobId)
    return this.attempt(jobId, (attempt) => printing.print(prepared, attempt))
  }

  kick(drawer?: number): Try {
    return this.attempt('kick-1', (attempt) =>
      this.device.drawer!.openDrawer(drawer === undefined ? {} : { drawer }, attempt),
    )
  }

  attempt(jobId: string, act: (attempt: Attempt) => Promise<AttemptResult>): Try {
    const attempt = newAttempt(jobId, () => {
      if (attempt.sent > 1) throw new Error('sending was called twice')
    })
    const { waits, abort } = attempt
    return { result: act(attempt), sent: () => attempt.sent > 0, waits, abort }
  }

  get faults(): (readonly DriverFault[])[] {
    return this.#told.faults
  }

  get drawer(): boolean[] {
    return this.#told.drawer
  }

  get details(): Record<string, unknown> {
    return this.#told.details
  }

  /** Codes of the faults told last. */
  get faultCodes(): string[] {
    return this.#told.faultCodes.at(-1) ?? []
  }
}
