/** Driver for scales on USB that speak the HID scale language (usage page 8D): DYMO, Fairbanks, Stamps.com, Mettler PS. */
import { HubError } from '../../../protocol/errors.ts'
import type { ScaleTarePayload } from '../../../protocol/job.ts'
import {
  type Attempt,
  type AttemptResult,
  defineDriver,
  type OpenDevice,
  type Weighing,
} from '../../driver.ts'
import { scaleLayout, type ZeroCommand, zeroReport2 } from './codec.ts'
import { type Context, ReportFeed } from './feed.ts'
import { WeightReader } from './reader.ts'
import { type UsbHidScaleSettings, usbHidScaleLimits, usbHidScaleSettings } from './settings.ts'

export const usbHidScale = defineDriver<UsbHidScaleSettings>({
  id: 'usb-hid-scale',
  name: 'USB scales (HID)',
  class: 'scale',
  transports: ['hid', 'memory'],
  match: [{ hid: '8d:*' }],
  settings: usbHidScaleSettings,
  capabilities: ['weighing'],
  // No probe: the descriptor says that it is a scale before anything is opened.
  open: (context) => new UsbHidScale(context),
})

class UsbHidScale implements OpenDevice, Weighing {
  readonly capabilities = ['weighing'] as const
  readonly weighing: Weighing = this
  readonly #context: Context
  readonly #feed: ReportFeed
  readonly #reader: WeightReader
  readonly #accuracy: ReturnType<typeof scaleLayout>['accuracy']
  readonly #zeroCommand: ZeroCommand | undefined

  constructor(context: Context) {
    const { transport, settings } = context
    const layout = scaleLayout(transport.hid?.descriptor ?? new Uint8Array(0), settings.layout)
    this.#context = context
    this.#feed = new ReportFeed(context, layout)
    this.#reader = new WeightReader(this.#feed)
    this.#accuracy = layout.accuracy
    this.#zeroCommand =
      settings.zero === 'auto'
        ? layout.zero
        : settings.zero === 'report2'
          ? { by: 'output', report: zeroReport2 }
          : undefined
  }

  /** Waits for a report in the language: an overloaded or moving scale is a working scale. */
  async start(): Promise<void> {
    const { settings } = this.#context
    this.#feed.start()
    const hearing = this.#feed.next(settings.startMsMax)
    hearing.catch(() => {})
    await Promise.race([this.#tellAccuracy(), this.#feed.over])
    const first = await hearing
    if (this.#feed.stopped) throw this.#feed.closedError()
    if (first === 'silent') throw this.#feed.timeoutError(settings.startMsMax)
    if (first.kind === 'invalid') throw this.#feed.invalidError(first.reason)
    this.#feed.watchSilence()
  }

  async stop(): Promise<void> {
    this.#reader.watch(false)
    this.#feed.stop()
  }

  read() {
    return this.#reader.read()
  }

  /** Done when the scale itself says, in a report after the command, that it stands at zero. */
  async zero(attempt: Attempt): Promise<AttemptResult> {
    const { device, settings, clock } = this.#context
    const command = this.#zeroCommand
    if (command === undefined) {
      const reason = 'it is zeroed with its own key'
      const error = new HubError('payload_unsupported', { path: 'kind', device, reason })
      return { state: 'failed', error }
    }
    if (this.#feed.stopped) return { state: 'failed', error: this.#feed.closedError() }
    if (attempt.signal.aborted) return { state: 'failed', error: new HubError('stopping') }
    attempt.sending()
    try {
      await this.#send(command)
      const until = clock.monotonic() + settings.zeroMsMax
      let refused: HubError | undefined
      for (let left = settings.zeroMsMax; left > 0; left = until - clock.monotonic()) {
        const report = await this.#feed.next(left, attempt.signal)
        if (attempt.signal.aborted)
          return { state: 'unknown', error: new HubError('job_outcome_unknown', { device }) }
        if (report === 'silent') break
        if (report.kind !== 'reading') continue
        if (report.reading.state === 'zero') return { state: 'done', outcome: { confirmed: true } }
        refused = new HubError('scale_not_zeroed')
      }
      return refused === undefined
        ? { state: 'unknown', error: this.#feed.timeoutError(settings.zeroMsMax) }
        : { state: 'failed', error: refused }
    } catch (error) {
      if (error instanceof HubError) return { state: 'unknown', error }
      throw error
    }
  }

  /** The language has no tare. Nothing is sent. */
  async tare(_payload: ScaleTarePayload): Promise<AttemptResult> {
    return { state: 'failed', error: new HubError('tare_refused', { device: this.#context.device }) }
  }

  watch(on: boolean): void {
    this.#reader.watch(on && !this.#feed.stopped)
  }

  async #send({ by, report }: ZeroCommand): Promise<void> {
    const { transport } = this.#context
    if (by === 'output') await transport.write(report)
    else await transport.hid?.sendFeature(report)
  }

  /** A fact for the card. Many scales do not answer; that is no trouble. */
  async #tellAccuracy(): Promise<void> {
    const { transport, listener, log, device } = this.#context
    if (this.#accuracy === undefined || transport.hid === undefined) return
    try {
      const report = await transport.hid.getFeature(
        this.#accuracy.reportId,
        usbHidScaleLimits.featureBytesMax,
      )
      const accuracy = this.#accuracy.read(report)
      if (accuracy !== undefined && !this.#feed.stopped) listener.details({ accuracyClass: accuracy })
    } catch (error) {
      log.debug({ device, error: String(error) }, 'the scale does not tell its class')
    }
  }
}
