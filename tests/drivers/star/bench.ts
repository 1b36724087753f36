/** The driver and a twin on a wire in memory, with time that stands still until it is moved. */
import { onTestFinished } from 'vitest'
import type { Attempt, AttemptResult, DriverFault, OpenDevice } from '../../../src/drivers/driver.ts'
import { Imaging } from '../../../src/drivers/imaging/imaging.ts'
import type { EncodedPrint } from '../../../src/drivers/printers/common/layout/encoder.ts'
import { StarEncoder } from '../../../src/drivers/printers/star/codec.ts'
import { createStarDriver } from '../../../src/drivers/printers/star/driver.ts'
import { type StarSettings, starSettingsSchema } from '../../../src/drivers/printers/star/settings.ts'
import { createStarTwin, type StarTwinOptions } from '../../../src/drivers/printers/star/twin/twin.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import type { Transport } from '../../../src/drivers/transports/transport.ts'
import type { HubError } from '../../../src/protocol/errors.ts'
import type { PrintPayload } from '../../../src/protocol/job.ts'
import type { Block } from '../../../src/protocol/receipt.ts'
import { settle, TestClock } from '../../support/clock.ts'
import { MemoryWire } from '../../support/twin-memory.ts'

export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').replace(/../g, '$& ').trim()
export const ascii = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))

export function settingsWith(settings: Partial<StarSettings> = {}): StarSettings {
  return starSettingsSchema.parse(settings)
}

export function encoderWith(settings: Partial<StarSettings> = {}, imaging?: Imaging): StarEncoder {
  return new StarEncoder(settingsWith(settings), imaging ?? new Imaging({ clock: new TestClock() }))
}

/** Encodes what must not need the worker. */
export function encodeNow(blocks: Block[], settings: Partial<StarSettings> = {}): EncodedPrint {
  const encoded = encoderWith(settings).prepare({ receipt: { blocks } })
  if (encoded instanceof Promise) throw new Error('it needs the worker')
  return encoded
}

/** What every copy of a printer with letters begins with: ESC @, ESC R 0. */
export const preamble = '1b 40 1b 52 00'

/** The bytes of blocks behind the beginning of a copy, as hex. */
export function bodyHex(blocks: Block[], settings: Partial<StarSettings> = {}): string {
  const whole = hex(encodeNow(blocks, settings).copies[0]!)
  if (!whole.startsWith(preamble)) throw new Error(`does not begin with ${preamble}`)
  return whole.slice(preamble.length).trim()
}

/** A twin without a driver, and bytes for it. */
export function twinAlone(options: Partial<StarTwinOptions> = {}) {
  const clock = new TestClock()
  const twin = createStarTwin({ clock, ...options })
  const wire = new MemoryWire()
  twin.attach(wire)
  return { twin, clock, wire, send: (bytes: Uint8Array) => wire.send(bytes) }
}

export interface Try {
  readonly result: Promise<AttemptResult>
  readonly sent: () => boolean
  /** What it waited for, in order; undefined for "goes on". */
  readonly waits: (string | undefined)[]
  readonly abort: () => void
}

export class Bench {
  readonly clock = new TestClock()
  readonly twin
  readonly settings: StarSettings
  readonly faults: (readonly DriverFault[])[] = []
  readonly drawer: boolean[] = []
  details: Record<string, unknown> = {}
  /** Every byte that the driver sent. */
  sent: number[] = []
  transport!: Transport
  device!: OpenDevice
  readonly #imaging = new Imaging({ clock: this.clock })
  #ids = 0

  constructor(options: { twin?: Partial<StarTwinOptions>; settings?: Partial<StarSettings> } = {}) {
    this.twin = createStarTwin({ clock: this.clock, ...options.twin })
    this.settings = settingsWith(options.settings)
    onTestFinished(async () => {
      await this.device?.stop()
      this.twin.stop()
      await this.#imaging.stop()
    })
  }

  /** Plugs the cable in and opens the device; does not start it. */
  open(): OpenDevice {
    const [transport, end] = memoryPair('printer', { clock: this.clock })
    this.transport = transport
    this.deviceLost = false
    this.connections++
    void transport.closed.then(() => {
      this.deviceLost = true
    })
    this.twin.attach({
      write: (bytes) => end.write(bytes),
      onBytes: (listener) =>
        end.onBytes((bytes) => {
          this.sent.push(...bytes)
          listener(bytes)
        }),
      close: () => end.close(),
    })
    this.device = createStarDriver({ imaging: this.#imaging }).open({
      transport,
      profile: { id: 't', driver: 'star', name: 'T', maker: 'T', settings: {}, quirks: [], sources: ['t'] },
      settings: this.settings,
      clock: this.clock,
      log: { debug() {}, info() {}, warn() {} },
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

  /** Whether the driver gave the connection up. */
  deviceLost = false
  connections = 0

  /** Lets go of the connection and opens another. */
  async again(): Promise<this> {
    await this.device.stop()
    await this.transport.close()
    return this.start()
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

  async evidenceOf(payload: PrintPayload): Promise<string | undefined> {
    const printing = this.device.printing!
    return printing.evidence!(await printing.prepare(payload, 'job-1'))
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
        sent = true
      },
      waiting: (forWhat) => waits.push(forWhat),
      signal: abort.signal,
    })
    return { result, sent: () => sent, waits, abort: () => abort.abort() }
  }

  get faultCodes(): string[] {
    return (this.faults.at(-1) ?? []).map(({ code }) => code)
  }
}

/** The state and, for what did not go well, the code. */
export function verdict(result: AttemptResult): string {
  return result.state === 'done' ? 'done' : `${result.state} ${(result.error as HubError).code}`
}
