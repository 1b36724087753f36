/** Driver for barcode scanners on a serial line: RS-232, USB in virtual COM mode, Bluetooth SPP, or a TCP terminal server. */
import { type DriverContext, defineDriver, type OpenDevice } from '../../driver.ts'
import { DelimiterFramer } from '../../framing/delimiter.ts'
import { IdleGap } from '../../framing/idle-gap.ts'
import { Repeats } from '../common/repeats.ts'
import { decodeScan, suffixBytes } from './codec.ts'
import { type SerialScannerSettings, serialScannerSettings } from './settings.ts'

export const serialScanner = defineDriver<SerialScannerSettings>({
  id: 'serial-scanner',
  name: 'Serial barcode scanners',
  class: 'scanner',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '8N1' },
  settings: serialScannerSettings,
  capabilities: ['scanning'],
  // No probe: a scanner has nothing to say until something is scanned.
  open: (context) => new SerialScanner(context),
})

class SerialScanner implements OpenDevice {
  readonly capabilities = ['scanning'] as const
  readonly #context: DriverContext<SerialScannerSettings>
  readonly #framer: DelimiterFramer
  readonly #gap: IdleGap
  readonly #repeats: Repeats
  #stopped = false

  constructor(context: DriverContext<SerialScannerSettings>) {
    const { clock, settings } = context
    this.#context = context
    this.#framer = new DelimiterFramer({
      delimiters: suffixBytes(settings.suffixes),
      frameBytesMax: settings.codeBytesMax,
    })
    this.#gap = new IdleGap(clock, settings.idleGapMs, () => this.#endByGap())
    this.#repeats = new Repeats(settings.duplicateMs)
  }

  /** Listens. There is nothing to greet: an open port is all that can be known of a scanner. */
  async start(): Promise<void> {
    const { transport } = this.#context
    transport.onBytes((bytes) => this.#take(bytes))
    void transport.closed.then(() => this.stop())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#gap.stop()
  }

  #take(bytes: Uint8Array): void {
    if (this.#stopped) return
    const overflows = this.#framer.overflows
    for (const frame of this.#framer.push(bytes)) this.#tell(frame)
    this.#warnOfOverflow(overflows)
    if (this.#framer.pendingBytes > 0 && this.#context.settings.idleGapMs > 0) this.#gap.touch()
  }

  #endByGap(): void {
    const overflows = this.#framer.overflows
    const frame = this.#framer.flush()
    this.#warnOfOverflow(overflows)
    if (frame !== undefined) this.#tell(frame)
  }

  #tell(frame: Uint8Array): void {
    const { settings, listener, clock } = this.#context
    const scan = decodeScan(frame, settings)
    if (scan === undefined || this.#repeats.isRepeat(scan.code, clock.monotonic())) return
    listener.scan(scan)
  }

  #warnOfOverflow(before: number): void {
    if (this.#framer.overflows === before) return
    const { log, device, settings } = this.#context
    log.warn({ device, bytesMax: settings.codeBytesMax }, 'a scan was longer than the limit and was dropped')
  }
}
