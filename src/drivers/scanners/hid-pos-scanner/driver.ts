/** Driver for barcode scanners in HID POS mode (usage page 8C): no keyboard layout in between, and the symbology with each code. */
import { errorText, HubError } from '../../../protocol/errors.ts'
import { type DriverContext, defineDriver, type OpenDevice } from '../../driver.ts'
import { IdleGap } from '../../framing/idle-gap.ts'
import { Repeats } from '../common/repeats.ts'
import { CodeAssembler, decodeCode, type ScannerLayout, scannerLayout, type WholeCode } from './codec.ts'
import { type HidPosScannerSettings, hidPosScannerSettings } from './settings.ts'

export const hidPosScanner = defineDriver<HidPosScannerSettings>({
  id: 'hid-pos-scanner',
  name: 'USB barcode scanners in HID POS mode',
  class: 'scanner',
  transports: ['hid', 'memory'],
  match: [{ hid: '8c:*' }],
  settings: hidPosScannerSettings,
  capabilities: ['scanning'],
  // No probe: the descriptor says that it is a scanner before anything is opened.
  open: (context) => new HidPosScanner(context),
})

class HidPosScanner implements OpenDevice {
  readonly capabilities = ['scanning'] as const
  readonly #context: DriverContext<HidPosScannerSettings>
  readonly #layout: ScannerLayout
  readonly #assembler: CodeAssembler
  readonly #gap: IdleGap
  readonly #repeats: Repeats
  /** Settles when it is stopped, fails when the wire is lost before. */
  readonly #over = Promise.withResolvers<void>()
  #stopped = false

  constructor(context: DriverContext<HidPosScannerSettings>) {
    const { transport, settings, clock } = context
    this.#context = context
    this.#layout = scannerLayout(transport.hid?.descriptor ?? new Uint8Array(0), settings)
    this.#assembler = new CodeAssembler(settings.codeBytesMax)
    this.#gap = new IdleGap(clock, settings.continueMsMax, () => this.#giveUp())
    this.#repeats = new Repeats(settings.duplicateMs)
  }

  /** Listens, and switches the mode on where the model wants it. A scanner has nothing to say until something is scanned. */
  async start(): Promise<void> {
    if (this.#stopped) return
    const { transport } = this.#context
    transport.onBytes((bytes) => this.#take(bytes))
    void transport.closed.then(({ reason }) => {
      this.#over.reject(new HubError('port_closed', { port: transport.port, reason }))
      return this.stop()
    })
    await Promise.race([this.#over.promise, this.#switchOn()])
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#gap.stop()
    this.#over.resolve()
  }

  /** A model that refuses may be one that has the mode on already: it is told on the card, and scans are waited for. */
  async #switchOn(): Promise<void> {
    const { transport, settings, listener, log, device } = this.#context
    const { hid } = transport
    if (settings.switchOn === '' || hid === undefined) return
    try {
      await hid.sendFeature(hexBytes(settings.switchOn))
      if (!this.#stopped) listener.details({ switchedOn: true })
    } catch (error) {
      if (error instanceof HubError && error.code === 'port_closed') throw error
      log.warn({ device, error: errorText(error) }, 'the scanner did not take the report that switches it on')
      if (!this.#stopped) listener.details({ switchedOn: false })
    }
  }

  #take(bytes: Uint8Array): void {
    if (this.#stopped) return
    const { log, device, settings } = this.#context
    const report = this.#layout.read(bytes)
    if (report.kind === 'other') return
    if (report.kind === 'invalid') {
      this.#assembler.spoil(report.continued)
      if (this.#assembler.pending) this.#gap.touch()
      log.debug({ device, reason: report.reason }, 'a report of the scanner could not be read')
      return
    }
    const { overflows } = this.#assembler
    const whole = this.#assembler.push(report.piece)
    if (this.#assembler.overflows > overflows)
      log.warn(
        { device, bytesMax: settings.codeBytesMax },
        'a scan was longer than the limit and was dropped',
      )
    if (whole !== undefined) this.#tell(whole)
    else if (this.#assembler.pending) this.#gap.touch()
  }

  #giveUp(): void {
    if (!this.#assembler.pending) return
    this.#assembler.reset()
    const { log, device } = this.#context
    log.warn({ device }, 'the rest of a scan did not come, and its beginning was dropped')
  }

  #tell(whole: WholeCode): void {
    const { settings, listener, clock } = this.#context
    const scan = decodeCode(whole, settings)
    if (scan === undefined || this.#repeats.isRepeat(scan.code, clock.monotonic())) return
    listener.scan(scan)
  }
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  )
}
