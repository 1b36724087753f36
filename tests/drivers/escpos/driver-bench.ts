/** The driver and a twin on a wire in memory, with time that stands still until it is moved. */
import type { Quirk, TwinWire } from '../../../src/drivers/driver.ts'
import { Imaging } from '../../../src/drivers/imaging/imaging.ts'
import { createEscposDriver } from '../../../src/drivers/printers/escpos/driver.ts'
import { type EscposSettings, escposSettingsSchema } from '../../../src/drivers/printers/escpos/settings.ts'
import { createEscposTwin, type EscposTwinOptions } from '../../../src/drivers/printers/escpos/twin/twin.ts'
import type { MemoryEnd } from '../../../src/drivers/transports/memory.ts'
import { PrinterBench } from '../../support/printer-bench.ts'

export interface BenchOptions {
  twin?: Partial<Omit<EscposTwinOptions, 'clock'>>
  settings?: Partial<EscposSettings>
  quirks?: readonly Quirk[]
  /** A line that takes so long for each byte, whatever the twin has room for. Without it the twin holds the line back. */
  lineMsPerByte?: number
  /** Told of every byte that the driver sends. */
  onSent?: (bytes: Uint8Array) => void
}

export class Bench extends PrinterBench<EscposSettings> {
  readonly twin
  readonly driver
  readonly settings: EscposSettings
  override readonly quirks: readonly Quirk[]
  readonly #onSent: ((bytes: Uint8Array) => void) | undefined
  readonly #lineMsPerByte: number | undefined

  constructor(options: BenchOptions = {}) {
    super()
    this.twin = createEscposTwin({ clock: this.clock, ...options.twin })
    this.driver = createEscposDriver({ imaging: new Imaging({ clock: this.clock }) })
    this.settings = escposSettingsSchema.parse({ completion: 'process-id', ...options.settings })
    this.quirks = options.quirks ?? []
    this.#onSent = options.onSent
    this.#lineMsPerByte = options.lineMsPerByte
  }

  protected override wireOf(end: MemoryEnd): TwinWire {
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
    return lineMs === undefined ? { ...wire, ...holdsBack } : wire
  }
}
