/** The open device of every scale language: start, stop, the look at an idle scale, and weighing. */
import type { Capability } from '../../../protocol/device.ts'
import { HubError } from '../../../protocol/errors.ts'
import type { ScaleTarePayload } from '../../../protocol/job.ts'
import type {
  Attempt,
  AttemptResult,
  DriverContext,
  OpenDevice,
  Weighing,
  WeighRequest,
} from '../../driver.ts'
import { Adjuster, failed } from './adjuster.ts'
import { ScaleChannel, type ScaleLanguage } from './channel.ts'
import { WeightReader } from './reader.ts'
import { type ScaleSettings, scaleLimits } from './settings.ts'

/** Zero and tare of one language. One that is missing is refused as `payload_unsupported`, with nothing sent. */
export interface Adjusting {
  zero?(attempt: Attempt): Promise<AttemptResult>
  tare?(payload: ScaleTarePayload, attempt: Attempt): Promise<AttemptResult>
}

export interface ScaleOptions<A extends { kind: string }, S extends ScaleSettings> {
  context: DriverContext<S>
  /** Made when the device is opened; does no work then. */
  language: ScaleLanguage<A>
  adjusting?(channel: ScaleChannel<A, S>, adjuster: Adjuster<A, S>): Adjusting
  /** Asks for model and firmware once the scale has answered; tells `listener.details`. Runs alone on the line. */
  greet?(channel: ScaleChannel<A, S>): Promise<void>
  /** A scale that says nothing at the start is taken all the same. Only where silence is usual. */
  silentStart?: boolean
  /** Default: weighing alone. */
  capabilities?: readonly Capability[]
}

export function openScale<A extends { kind: string }, S extends ScaleSettings>(
  options: ScaleOptions<A, S>,
): OpenDevice {
  return new Scale(options)
}

class Scale<A extends { kind: string }, S extends ScaleSettings> implements OpenDevice, Weighing {
  readonly capabilities: readonly Capability[]
  readonly weighing: Weighing = this
  readonly #options: ScaleOptions<A, S>
  readonly #context: DriverContext<S>
  readonly #channel: ScaleChannel<A, S>
  readonly #reader: WeightReader<A, S>
  readonly #adjuster: Adjuster<A, S>
  readonly #adjusting: Adjusting
  #cancelCheck: () => void = () => {}

  constructor(options: ScaleOptions<A, S>) {
    this.#options = options
    this.#context = options.context
    this.capabilities = options.capabilities ?? ['weighing']
    this.#channel = new ScaleChannel(options.context, options.language)
    this.#reader = new WeightReader(this.#channel)
    this.#adjuster = new Adjuster(this.#channel)
    this.#adjusting = options.adjusting?.(this.#channel, this.#adjuster) ?? {}
  }

  /** Any answer in the language will do: a scale that is loaded or moving is a working scale. */
  async start(): Promise<void> {
    this.#channel.start()
    void this.#context.transport.closed.then(() => this.stop())
    await this.#channel.exclusive(async () => {
      let measure = await this.#channel.measure()
      // The first question may have met a scale in the middle of something, or half a line from before.
      if (measure.kind === 'silent' || measure.kind === 'invalid')
        measure = await this.#channel.measure({ msMax: 2 * this.#context.settings.readMsMax })
      if (measure.kind === 'silent' && this.#options.silentStart === true) return
      if (measure.kind === 'silent') throw this.#channel.timeoutError()
      if (measure.kind === 'invalid') throw this.#channel.invalidError(measure.reason)
      await this.#options.greet?.(this.#channel)
    })
    this.#planCheck(scaleLimits.livenessMs)
  }

  async stop(): Promise<void> {
    this.#cancelCheck()
    this.#channel.stop()
    this.#reader.stop()
  }

  read(request?: WeighRequest) {
    return this.#reader.read(request)
  }

  async zero(attempt: Attempt): Promise<AttemptResult> {
    return this.#adjusting.zero?.(attempt) ?? this.#unsupported('scale.zero')
  }

  async tare(payload: ScaleTarePayload, attempt: Attempt): Promise<AttemptResult> {
    return this.#adjusting.tare?.(payload, attempt) ?? this.#unsupported('scale.tare')
  }

  watch(on: boolean): void {
    this.#reader.watch(on && !this.#channel.stopped)
  }

  #unsupported(path: string): AttemptResult {
    const reason = 'its language has no such command; use its keys'
    return failed(new HubError('payload_unsupported', { path, device: this.#context.device, reason }))
  }

  /** One timer while idle; a scale that has just answered is not asked again. */
  #planCheck(ms: number): void {
    if (this.#channel.stopped) return
    this.#cancelCheck = this.#context.clock.after(ms, () => void this.#check())
  }

  async #check(): Promise<void> {
    const quietMs = this.#context.clock.monotonic() - this.#channel.answeredAt
    if (quietMs < scaleLimits.livenessMs) return this.#planCheck(scaleLimits.livenessMs - quietMs)
    try {
      await this.#channel.exclusive(() => this.#channel.measure())
    } catch {
      // The port is gone; the hub knows by the transport and opens the device anew.
      return
    }
    const answered = this.#context.clock.monotonic() - this.#channel.answeredAt < scaleLimits.livenessMs
    this.#planCheck(answered ? scaleLimits.livenessMs : scaleLimits.recoveryMs)
  }
}
