/** Zero and tare: one command, settled by its answer or by what the scale shows after it. */
import { HubError } from '../../../protocol/errors.ts'
import type { Attempt, AttemptResult } from '../../driver.ts'
import type { ScaleChannel, Talk } from './channel.ts'
import type { Reply } from './line.ts'
import type { Measure } from './measure.ts'
import type { ScaleSettings } from './settings.ts'
import { isZero } from './weights.ts'

export const done = (confirmed: boolean): AttemptResult => ({ state: 'done', outcome: { confirmed } })
export const failed = (error: HubError): AttemptResult => ({ state: 'failed', error })
export const unknown = (error: HubError): AttemptResult => ({ state: 'unknown', error })

/** What the scale showed after a command, when it had come to rest. */
export interface Aftermath<A> {
  /** What it said to the command itself. */
  reply: Reply<A> | undefined
  measure: Extract<Measure, { kind: 'weight' | 'status' }>
  /** A tare was taken off before the command, or may have been; false without `looksBefore`. */
  wasNet: boolean
  /** A tare is taken off. */
  net: boolean
  /** It shows zero, gross or net. */
  zero: boolean
}

export interface Adjustment<A extends { kind: string }> {
  /** Sends the command and answers what the scale said to it; undefined for a command without an answer. */
  send(talk: Talk<A>): Promise<Reply<A> | undefined>
  /** Looks at the scale before the command: where a tare of before may pass for the new one. */
  looksBefore?: boolean
  /** How long its answer may take, in ms, for a scale that first waits for rest; default `readMsMax`. */
  msMax?: number
  /** Rules on what it said; undefined: look at the weight. */
  byReply?(reply: Reply<A> | undefined): AttemptResult | undefined
  /** Rules on what it shows. Without it an outcome that the answer does not settle is unknown. */
  byMeasure?(after: Aftermath<A>): AttemptResult
}

/** Sends a plain request and takes its answer. */
export function request<A extends { kind: string }>(bytes: Uint8Array): Adjustment<A>['send'] {
  return (talk) => talk.ask(bytes)
}

export class Adjuster<A extends { kind: string }, S extends ScaleSettings> {
  readonly #channel: ScaleChannel<A, S>

  constructor(channel: ScaleChannel<A, S>) {
    this.#channel = channel
  }

  /** For a payload that this scale cannot do; nothing is sent. */
  unsupported(path: string, reason: string): AttemptResult {
    const { device } = this.#channel.context
    return failed(new HubError('payload_unsupported', { path, device, reason }))
  }

  /** Calls `attempt.sending` before the first byte of the command. */
  perform(attempt: Attempt, adjustment: Adjustment<A>): Promise<AttemptResult> {
    const { settings, clock } = this.#channel.context
    return this.#channel.exclusive(async () => {
      // Nothing that was lost before may pass for the answer to the command.
      await this.#channel.resync(this.#channel.turn(2 * settings.readMsMax, attempt.signal))
      if (this.#channel.isDoubtful) {
        const before = await this.#channel.measure({
          msMax: 2 * settings.readMsMax,
          signal: attempt.signal,
        })
        if (attempt.signal.aborted) return failed(new HubError('stopping'))
        if (before.kind === 'silent') return failed(this.#channel.timeoutError())
      }
      const wasNet = adjustment.looksBefore === true && (await this.#isNet(attempt))
      if (attempt.signal.aborted) return failed(new HubError('stopping'))
      attempt.sending()
      const reply = await adjustment.send(this.#channel.turn(adjustment.msMax, attempt.signal))
      const ruled = adjustment.byReply?.(reply)
      if (ruled !== undefined) return ruled
      if (adjustment.byMeasure === undefined) return unknown(this.#channel.timeoutError())
      const restUntil = clock.monotonic() + settings.motionMsMax
      for (;;) {
        // A weight sooner than this may be from before the command.
        await this.#channel.pause(this.#channel.askGapMs)
        if (attempt.signal.aborted || this.#channel.stopped) return this.#unknown()
        const measure = await this.#channel.measure({
          msMax: 2 * settings.readMsMax,
          signal: attempt.signal,
        })
        if (measure.kind === 'silent') return unknown(this.#channel.timeoutError())
        if (measure.kind === 'refused') return unknown(measure.error)
        const again = clock.monotonic() + this.#channel.askGapMs <= restUntil
        const unclear = measure.kind === 'invalid' || (measure.kind === 'status' && measure.status.motion)
        if (unclear && again) continue
        if (measure.kind === 'invalid') return unknown(this.#channel.invalidError(measure.reason))
        return adjustment.byMeasure({ reply, measure, wasNet, ...shows(measure) })
      }
    })
  }

  /** Whether a tare is taken off now; of a scale that does not say so clearly it is assumed. */
  async #isNet({ signal }: Attempt): Promise<boolean> {
    const measure = await this.#channel.measure({ signal })
    return measure.kind === 'weight' || measure.kind === 'status' ? shows(measure).net : true
  }

  #unknown(): AttemptResult {
    return unknown(new HubError('job_outcome_unknown', { device: this.#channel.context.device }))
  }
}

function shows(measure: Aftermath<never>['measure']): { net: boolean; zero: boolean } {
  if (measure.kind === 'weight') return { net: measure.weight.tare, zero: isZero(measure.weight.weight) }
  const { net, zero, motion, over, under } = measure.status
  return { net, zero: zero && !motion && !over && !under }
}
