/** Driver for price-computing checkout scales that speak Checkout Dialog 02, 04 or 06 (Mettler Toledo, Bizerba, Dibal, Cely). */
import { HubError } from '../../../protocol/errors.ts'
import type { ScaleTarePayload } from '../../../protocol/job.ts'
import {
  type Attempt,
  type AttemptResult,
  type DriverFault,
  defineDriver,
  type OpenDevice,
  type ProbeAnswer,
  type Weighing,
  type WeighRequest,
} from '../../driver.ts'
import { done, failed } from '../common/adjuster.ts'
import { openScale } from '../common/device.ts'
import { Line } from '../common/line.ts'
import { digitsOf, isZero, shownOf } from '../common/weights.ts'
import { codecLimits, requests } from './codec.ts'
import { type DialogContext, DialogLanguage, proofFaults, weighingRequest } from './language.ts'
import { type DialogSettings, dialogSettings } from './settings.ts'

const lineOf = (baud: string) => ({ baud, format: '7O1' })

export const dialog = defineDriver<DialogSettings>({
  id: 'dialog',
  name: 'Checkout Dialog 02, 04 and 06 scales',
  class: 'scale',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: lineOf('9600'),
  probeLines: [lineOf('9600'), lineOf('4800'), lineOf('2400')],
  probeRank: 60,
  settings: dialogSettings,
  capabilities: ['weighing'],
  /** Record 08 asks how the scale stands; record 09 is an answer that no other language gives. Nothing is weighed. */
  async probe(transport, { clock, answerMsMax }): Promise<ProbeAnswer | undefined> {
    const { ear } = new DialogLanguage({ settings: dialogSettings.parse({}) } as DialogContext, noDesk)
    const line = new Line({ transport, clock, ear })
    line.start()
    const reply = await line.ask(requests.status, { msMax: answerMsMax })
    return reply.kind === 'status' ? { certain: true } : undefined
  },
  open: (context) => new DialogScale(context),
})

const noDesk = { tare: () => undefined, tareGone() {}, proof() {} }

class DialogScale implements OpenDevice, Weighing {
  readonly capabilities = ['weighing'] as const
  readonly weighing: Weighing = this
  readonly #context: DialogContext
  readonly #scale: OpenDevice
  #stopped = false
  #watching = false
  /** What the live view shows. */
  #shown: string | undefined
  #tare: { digits: string; at: number } | undefined
  #proofFault: keyof typeof proofFaults | undefined
  #otherFaults: readonly DriverFault[] = []

  constructor(context: DialogContext) {
    this.#context = context
    const language = new DialogLanguage(context, {
      tare: () => this.#tareNow(),
      tareGone: () => {
        this.#tare = undefined
      },
      proof: (fault) => this.#noteProof(fault),
    })
    const { details, scan, drawer, weight } = context.listener
    const listener = {
      details,
      scan,
      drawer,
      weight,
      faults: (faults: readonly DriverFault[]) => {
        this.#otherFaults = faults
        this.#tellFaults()
      },
    }
    this.#scale = openScale({ context: { ...context, listener }, language })
  }

  async start(): Promise<void> {
    void this.#context.transport.closed.then(() => this.stop())
    await this.#scale.start()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#watching = false
    await this.#scale.stop()
  }

  async read(request?: WeighRequest) {
    const weight = await this.#inner.read(weighingRequest(request))
    const shown = shownOf(weight)
    if (this.#watching && shown !== this.#shown) {
      this.#shown = shown
      this.#context.listener.weight(weight)
    }
    return weight
  }

  /** The language has no command for it. */
  zero(attempt: Attempt): Promise<AttemptResult> {
    return this.#inner.zero(attempt)
  }

  /** Keeps a known tare for the next weighing, with which it travels. Nothing is sent now, so nothing is confirmed. */
  async tare({ weight }: ScaleTarePayload, attempt: Attempt): Promise<AttemptResult> {
    if (attempt.signal.aborted || this.#stopped) return failed(new HubError('stopping'))
    if (weight === undefined) return this.#unsupported('it takes a tare only as a number')
    if (isZero(weight)) this.#tare = undefined
    else {
      const { tareDecimals } = this.#context.settings
      const digits = digitsOf(weight, codecLimits.tareDigits, tareDecimals)
      if (digits === undefined)
        return this.#unsupported(
          `a tare has ${codecLimits.tareDigits} digits, ${tareDecimals} after the point`,
        )
      this.#tare = { digits, at: this.#context.clock.monotonic() }
    }
    return done(false)
  }

  /** Every question uses up the weighing, so nobody asks for the sake of the live view: it shows what was read. */
  watch(on: boolean): void {
    if (!on) this.#shown = undefined
    this.#watching = on && !this.#stopped
  }

  get #inner(): Weighing {
    return this.#scale.weighing as Weighing
  }

  #tareNow(): string | undefined {
    const { clock, settings } = this.#context
    if (this.#tare !== undefined && clock.monotonic() - this.#tare.at >= settings.tareKeepMs)
      this.#tare = undefined
    return this.#tare?.digits
  }

  #noteProof(fault: keyof typeof proofFaults | undefined): void {
    if (fault === this.#proofFault) return
    this.#proofFault = fault
    this.#tellFaults()
  }

  #tellFaults(): void {
    const proof: DriverFault[] =
      this.#proofFault === undefined
        ? []
        : [{ code: 'scale_error', blocking: true, message: proofFaults[this.#proofFault] }]
    // One fault of a code: while it cannot be reached, what it wants to be proved does not matter.
    const others = this.#otherFaults.filter(({ code }) => code !== 'scale_error' || proof.length === 0)
    this.#context.listener.faults([...others, ...proof])
  }

  #unsupported(reason: string): AttemptResult {
    const { device } = this.#context
    return failed(new HubError('payload_unsupported', { path: 'weight', device, reason }))
  }
}
