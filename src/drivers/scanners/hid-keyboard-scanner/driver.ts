/** Driver for barcode scanners that type: USB keyboards to the computer, read report by report before the system sees a key. */
import { type DriverContext, defineDriver, type OpenDevice } from '../../driver.ts'
import { IdleGap } from '../../framing/idle-gap.ts'
import { readScan } from '../../framing/scan.ts'
import { Repeats } from '../common/repeats.ts'
import { ScanReader } from './codec.ts'
import { type HidKeyboardScannerSettings, hidKeyboardScannerSettings } from './settings.ts'

export const hidKeyboardScanner = defineDriver<HidKeyboardScannerSettings>({
  id: 'hid-keyboard-scanner',
  name: 'Barcode scanners that type (USB keyboard)',
  class: 'scanner',
  transports: ['hid', 'memory'],
  // What it types must not reach the console or a window as well.
  portDefaults: { exclusive: 'yes' },
  settings: hidKeyboardScannerSettings,
  capabilities: ['scanning'],
  // No probe and no match: a keyboard is a person's until a technician says that it is a scanner.
  open: (context) => new HidKeyboardScanner(context),
})

class HidKeyboardScanner implements OpenDevice {
  readonly capabilities = ['scanning'] as const
  readonly #context: DriverContext<HidKeyboardScannerSettings>
  readonly #reader: ScanReader
  readonly #gap: IdleGap
  readonly #repeats: Repeats
  #stopped = false

  constructor(context: DriverContext<HidKeyboardScannerSettings>) {
    const { clock, settings, transport } = context
    this.#context = context
    this.#reader = new ScanReader(transport.hid?.descriptor ?? new Uint8Array(0), settings)
    this.#gap = new IdleGap(clock, settings.idleGapMs, () => this.#endByGap())
    this.#repeats = new Repeats(settings.duplicateMs)
  }

  /** Listens. There is nothing to greet: an open port is all that can be known of a scanner. */
  async start(): Promise<void> {
    const { transport, listener } = this.#context
    if (this.#stopped) return
    const { maker = '', product = '', serial = '' } = transport.hid ?? {}
    const details = Object.entries({ maker, model: product, serial }).filter(([, text]) => text !== '')
    if (details.length > 0) listener.details(Object.fromEntries(details))
    transport.onBytes((report) => this.#take(report))
    void transport.closed.then(() => this.stop())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#gap.stop()
  }

  #take(report: Uint8Array): void {
    if (this.#stopped) return
    const overflows = this.#reader.overflows
    for (const text of this.#reader.take(report)) this.#tell(text)
    this.#warnOfOverflow(overflows)
    if (this.#reader.pending && this.#context.settings.idleGapMs > 0) this.#gap.touch()
  }

  #endByGap(): void {
    const overflows = this.#reader.overflows
    const text = this.#reader.flush()
    this.#warnOfOverflow(overflows)
    // Nothing is logged of what it was: a person may type a password.
    if (text !== undefined && text.length >= this.#context.settings.gapCharsMin) this.#tell(text)
  }

  #tell(text: string): void {
    const { settings, listener, clock } = this.#context
    const scan = readScan(text, settings)
    if (scan === undefined || this.#repeats.isRepeat(scan.code, clock.monotonic())) return
    listener.scan(scan)
  }

  #warnOfOverflow(before: number): void {
    if (this.#reader.overflows === before) return
    const { log, device, settings } = this.#context
    log.warn({ device, charsMax: settings.codeCharsMax }, 'a scan was longer than the limit and was dropped')
  }
}
