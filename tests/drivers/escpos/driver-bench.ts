/** The driver and a twin on a wire in memory, with time that stands still until it is moved. */
import type {
  Attempt,
  AttemptResult,
  DriverFault,
  OpenDevice,
  Profile,
  Quirk,
} from '../../../src/drivers/driver.ts'
import { Imaging } from '../../../src/drivers/imaging/imaging.ts'
import { createEscposDriver } from '../../../src/drivers/printers/escpos/driver.ts'
import { type EscposSettings, escposSettingsSchema } from '../../../src/drivers/printers/escpos/settings.ts'
import { createEscposTwin, type EscposTwinOptions } from '../../../src/drivers/printers/escpos/twin/twin.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import type { Transport } from '../../../src/drivers/transports/transport.ts'
import type { HubError } from '../../../src/protocol/errors.ts'
import type { PrintPayload } from '../../../src/protocol/job.ts'
import { settle, TestClock } from '../../support/clock.ts'

export interface BenchOptions {
  twin?: Partial<Omit<EscposTwinOptions, 'clock'>>
  settings?: Partial<EscposSettings>
  quirks?: readonly Quirk[]
  /** A line that takes so long for each byte, whatever the twin has room for. Without it the twin holds the line back. */
  lineMsPerByte?: number
  /** Told of every byte that the driver sends. */
  onSent?: (bytes: Uint8Array) => void
}

/** One attempt as the hub makes it, with what was told during it. */
export interface Try {
  readonly result: Promise<AttemptResult>
  readonly sent: () => boolean
  /** What it waited for, in order; undefined for "goes on". */
  readonly waits: (string | undefined)[]
  readonly abort: () => void
}

export const quiet = { debug() {}, info() {}, warn() {} }

export class Bench {
  readonly clock = new TestClock()
  readonly twin
  readonly driver
  readonly settings: EscposSettings
  readonly profile: Profile
  readonly faults: (readonly DriverFault[])[] = []
  readonly drawer: boolean[] = []
  details: Record<string, unknown> = {}
  transport!: Transport
  device!: OpenDevice
  readonly #onSent: ((bytes: Uint8Array) => void) | undefined
  readonly #lineMsPerByte: number | undefined
  #ids = 0

  constructor(options: BenchOptions = {}) {
    this.twin = createEscposTwin({ clock: this.clock, ...options.twin })
    this.driver = createEscposDriver({ imaging: new Imaging({ clock: this.clock }) })
    this.settings = escposSettingsSchema.parse({ completion: 'process-id', ...options.settings })
    this.#onSent = options.onSent
    this.#lineMsPerByte = options.lineMsPerByte
    this.profile = {
      id: 'test',
      driver: 'escpos',
      name: 'Test',
      maker: 'Test',
      settings: {},
      quirks: options.quirks ?? [],
      sources: ['test'],
    }
  }

  /** Plugs the cable in and opens the device; does not start it. */
  open(): OpenDevice {
    const [transport, end] = memoryPair('printer', { clock: this.clock })
    this.transport = transport
    const lineMs = this.#lineMsPerByte
    const wire = {
      write: (bytes: Uint8Array) => end.write(bytes),
      onBytes: (listener: (bytes: Uint8Array) => void) =>
        end.onBytes((bytes) => {
          this.#onSent?.(bytes)
          if (lineMs !== undefined) {
            end.pause(true)
            this.clock.after(lineMs * bytes.length, () => end.pause(false))
          }
          listener(bytes)
        }),
      close: () => end.close(),
    }
    const holdsBack = { pause: (on: boolean) => end.pause(on) }
    this.twin.attach(lineMs === undefined ? { ...wire, ...holdsBack } : wire)
    this.device = this.driver.open({
      transport,
      profile: this.profile,
      settings: this.settings,
      clock: this.clock,
      log: quiet,
      listener: {
        faults: (faults) => this.faults.push(faults),
        details: (details) => Object.assign(this.details, details),
        drawer: (open) => this.drawer.push(open),
        scan: () => {},
        weight: () => {},
      },
      device: 'printer-1',
      newId: () => `id-${++this.#ids}`,
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
  async until<T>(promise: Promise<T>, msMax = 120_000): Promise<T> {
    let settled = false
    const done = () => {
      settled = true
    }
    promise.then(done, done)
    await settle()
    for (let ms = 0; !settled && ms < msMax; ms += 50) await this.clock.advance(50)
    if (!settled) throw new Error(`not settled within ${msMax} ms`)
    return promise
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
    const waits: (string | undefined)[] = []
    const abort = new AbortController()
    let sent = false
    const result = act({
      jobId,
      sending() {
        if (sent) throw new Error('sending was called twice')
        sent = true
      },
      waiting: (forWhat) => waits.push(forWhat),
      signal: abort.signal,
    })
    return { result, sent: () => sent, waits, abort: () => abort.abort() }
  }

  /** Codes of the faults told last. */
  get faultCodes(): string[] {
    return (this.faults.at(-1) ?? []).map(({ code }) => code)
  }
}

/** The state and, for what did not go well, the code: `done`, `unknown job_outcome_unknown`. */
export function verdict(result: AttemptResult): string {
  return result.state === 'done' ? 'done' : `${result.state} ${(result.error as HubError).code}`
}
