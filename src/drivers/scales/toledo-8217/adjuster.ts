/** Zero and tare: commands whose answer says little, so each is settled by asking the scale what it shows then. */
import { HubError } from '../../../protocol/errors.ts'
import type { ScaleTarePayload } from '../../../protocol/job.ts'
import type { Attempt, AttemptResult } from '../../driver.ts'
import type { Channel, Measure } from './channel.ts'
import { isZero, presetTareDigits, presetTareRequest, requests, tareRequest } from './codec.ts'
import type { Reply } from './line.ts'
import { toledo8217Limits } from './settings.ts'

/** What the scale showed after a command, when it had come to rest. */
interface Aftermath {
  reply: Reply
  measure: Measure
  net: boolean
  zero: boolean
}

/** Rules on a command by what the scale showed after it. */
type Verdict = (after: Aftermath) => AttemptResult

const done = (confirmed: boolean): AttemptResult => ({ state: 'done', outcome: { confirmed } })
const failed = (error: HubError): AttemptResult => ({ state: 'failed', error })

export class Adjuster {
  readonly #channel: Channel

  constructor(channel: Channel) {
    this.#channel = channel
  }

  zero(attempt: Attempt): Promise<AttemptResult> {
    return this.#perform(requests.zero, attempt, ({ net, zero }) =>
      // With a tare the scale ignores the command, and a net zero says nothing of the empty scale.
      zero && !net ? done(true) : failed(new HubError('scale_not_zeroed')),
    )
  }

  async tare(payload: ScaleTarePayload, attempt: Attempt): Promise<AttemptResult> {
    const refused = failed(new HubError('tare_refused'))
    const { weight } = payload
    if (weight === undefined) {
      const request = tareRequest(this.#channel.context.settings.tareEnd)
      return this.#perform(request, attempt, ({ net, zero, measure }) => {
        // A net weight that is not zero has an older tare. Without a weight the load was taken off again meanwhile.
        return net && (zero || measure.kind === 'status') ? done(true) : refused
      })
    }
    if (isZero(weight))
      return this.#perform(requests.clearTare, attempt, ({ net }) => (net ? refused : done(true)))
    const request = await this.#presetRequest(weight)
    if (request instanceof HubError) return failed(request)
    return this.#perform(request, attempt, ({ net, reply }) => {
      // The scale shows that there is a tare and not which: only its answer to the command says that it took this one.
      return net ? done(reply.kind === 'status' && reply.status.net) : refused
    })
  }

  /** The command for a known tare, or why this scale cannot take it. Asks the scale for its unit if nobody knows it yet. */
  async #presetRequest(weight: string): Promise<Uint8Array | HubError> {
    const { settings, device } = this.#channel.context
    const unsupported = (reason: string) =>
      new HubError('payload_unsupported', { path: 'weight', device, reason })
    if (settings.presetTare === 'none') return unsupported('it takes only the load on it as tare')
    if (settings.presetTare === 'auto' && this.#channel.unit === undefined) {
      await this.#channel.exclusive(() => this.#channel.measure())
    }
    const byUnit = this.#channel.unit === 'lb' ? 'WWW.WW' : 'WW.WWW'
    const format = settings.presetTare === 'auto' ? byUnit : settings.presetTare
    if (settings.presetTare === 'auto' && this.#channel.unit === undefined) {
      return unsupported('its unit is not known; set unit')
    }
    const digits = presetTareDigits(weight, format)
    if (digits === undefined) return unsupported(`a tare has the form ${format}`)
    return presetTareRequest(digits)
  }

  #perform(request: Uint8Array, attempt: Attempt, verdict: Verdict): Promise<AttemptResult> {
    return this.#channel.exclusive(async () => {
      await this.#channel.resync()
      if (attempt.signal.aborted) return failed(new HubError('stopping'))
      attempt.sending()
      const { settings, clock } = this.#channel.context
      const reply = await this.#channel.command(request, settings.readMsMax, attempt.signal)
      const restUntil = clock.monotonic() + settings.motionMsMax
      for (;;) {
        // A weight sooner than this may be from before the command.
        await this.#channel.pause(toledo8217Limits.askGapMsMin)
        if (attempt.signal.aborted || this.#channel.stopped) return this.#unknown()
        const measure = await this.#channel.measure(settings.readMsMax, attempt.signal)
        if (measure.kind === 'silent') return { state: 'unknown', error: this.#channel.timeoutError() }
        const again = clock.monotonic() + toledo8217Limits.askGapMsMin <= restUntil
        const unclear = measure.kind === 'invalid' || (measure.kind === 'status' && measure.status.motion)
        if (unclear && again) continue
        if (measure.kind === 'invalid')
          return { state: 'unknown', error: this.#channel.invalidError(measure.reason) }
        return verdict({ reply, measure, ...shows(measure) })
      }
    })
  }

  #unknown(): AttemptResult {
    return {
      state: 'unknown',
      error: new HubError('job_outcome_unknown', { device: this.#channel.context.device }),
    }
  }
}

function shows(measure: Extract<Measure, { kind: 'weight' | 'status' }>): { net: boolean; zero: boolean } {
  if (measure.kind === 'weight') return { net: measure.weight.tare, zero: isZero(measure.weight.weight) }
  const { net, centreOfZero, motion, over, under } = measure.status
  return { net, zero: centreOfZero && !motion && !over && !under }
}
