/** The driver and a twin on a wire in memory, with time that stands still until it is moved. */
import { onTestFinished } from 'vitest'
import type { TwinWire } from '../../../src/drivers/driver.ts'
import { Imaging } from '../../../src/drivers/imaging/imaging.ts'
import type { EncodedPrint } from '../../../src/drivers/printers/common/layout/encoder.ts'
import { StarEncoder } from '../../../src/drivers/printers/star/codec.ts'
import { createStarDriver } from '../../../src/drivers/printers/star/driver.ts'
import { type StarSettings, starSettingsSchema } from '../../../src/drivers/printers/star/settings.ts'
import { createStarTwin, type StarTwinOptions } from '../../../src/drivers/printers/star/twin/twin.ts'
import type { MemoryEnd } from '../../../src/drivers/transports/memory.ts'
import type { PrintPayload } from '../../../src/protocol/job.ts'
import type { Block } from '../../../src/protocol/receipt.ts'
import { TestClock } from '../../support/clock.ts'
import { PrinterBench } from '../../support/printer-bench.ts'
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

export class Bench extends PrinterBench<StarSettings> {
  readonly twin
  readonly driver
  readonly settings: StarSettings
  /** Every byte that the driver sent. */
  sent: number[] = []
  /** Whether the driver gave the connection up. */
  deviceLost = false
  connections = 0
  readonly #imaging = new Imaging({ clock: this.clock })

  constructor(options: { twin?: Partial<StarTwinOptions>; settings?: Partial<StarSettings> } = {}) {
    super()
    this.twin = createStarTwin({ clock: this.clock, ...options.twin })
    this.driver = createStarDriver({ imaging: this.#imaging })
    this.settings = settingsWith(options.settings)
    onTestFinished(async () => {
      await this.device?.stop()
      this.twin.stop()
      await this.#imaging.stop()
    })
  }

  protected override wireOf(end: MemoryEnd): TwinWire {
    this.deviceLost = false
    this.connections++
    void this.transport.closed.then(() => {
      this.deviceLost = true
    })
    return {
      write: (bytes) => end.write(bytes),
      onBytes: (listener) =>
        end.onBytes((bytes) => {
          this.sent.push(...bytes)
          listener(bytes)
        }),
      close: () => end.close(),
    }
  }

  /** Lets go of the connection and opens another. */
  async again(): Promise<this> {
    await this.device.stop()
    await this.transport.close()
    return this.start()
  }

  async evidenceOf(payload: PrintPayload): Promise<string | undefined> {
    const printing = this.device.printing!
    return printing.evidence!(await printing.prepare(payload, 'job-1'))
  }
}
