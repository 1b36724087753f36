/** Zero and tare of the Toledo 8217 language, whose answers say little: each is settled by what the scale shows then. */
import { HubError } from '../../../protocol/errors.ts'
import type { ScaleTarePayload } from '../../../protocol/job.ts'
import type { Attempt, AttemptResult } from '../../driver.ts'
import { type Adjuster, type Adjustment, done, failed, request, unknown } from '../common/adjuster.ts'
import type { ScaleChannel } from '../common/channel.ts'
import type { Adjusting } from '../common/device.ts'
import { isZero } from '../common/weights.ts'
import { type Answer, presetTareDigits, presetTareRequest, requests, tareRequest } from './codec.ts'
import type { Toledo8217Settings } from './settings.ts'

const refused = () => failed(new HubError('tare_refused'))

const zero: Adjustment<Answer> = {
  send: request(requests.zero),
  // With a tare the scale ignores the command, and a net zero says nothing of the empty scale.
  byMeasure: ({ zero, net }) => (zero && !net ? done(true) : failed(new HubError('scale_not_zeroed'))),
}

const clearTare: Adjustment<Answer> = {
  send: request(requests.clearTare),
  byMeasure: ({ net }) => (net ? refused() : done(true)),
}

const tareLoad = (end: 'cr' | 'none'): Adjustment<Answer> => ({
  looksBefore: true,
  send: request(tareRequest(end)),
  // A net weight that is not zero has an older tare. Without a weight the load was taken off again meanwhile.
  byMeasure: ({ net, wasNet, zero, measure }) =>
    net && (zero || (measure.kind === 'status' && !wasNet)) ? done(true) : refused(),
})

const tareKnown = (digits: string, device: string): Adjustment<Answer> => ({
  looksBefore: true,
  send: request(presetTareRequest(digits)),
  // The scale shows that there is a tare and not which: its answer to the command says that it took this one, unless there
  // was one already.
  byMeasure({ net, wasNet, reply }) {
    if (!net) return refused()
    const status = reply?.kind === 'status' && 'status' in reply ? reply.status : undefined
    // While the load moves it may have kept the old one.
    if (wasNet && status?.motion !== false) return unknown(new HubError('job_outcome_unknown', { device }))
    return done(!wasNet && status?.net === true)
  },
})

export class Toledo8217Adjusting implements Adjusting {
  readonly #channel: ScaleChannel<Answer, Toledo8217Settings>
  readonly #adjuster: Adjuster<Answer, Toledo8217Settings>

  constructor(
    channel: ScaleChannel<Answer, Toledo8217Settings>,
    adjuster: Adjuster<Answer, Toledo8217Settings>,
  ) {
    this.#channel = channel
    this.#adjuster = adjuster
  }

  zero(attempt: Attempt): Promise<AttemptResult> {
    return this.#adjuster.perform(attempt, zero)
  }

  async tare({ weight }: ScaleTarePayload, attempt: Attempt): Promise<AttemptResult> {
    const { settings } = this.#channel.context
    if (weight === undefined) return this.#adjuster.perform(attempt, tareLoad(settings.tareEnd))
    if (isZero(weight)) return this.#adjuster.perform(attempt, clearTare)
    const digits = await this.#digits(weight)
    if ('reason' in digits) return this.#adjuster.unsupported('weight', digits.reason)
    return this.#adjuster.perform(attempt, tareKnown(digits.digits, this.#channel.context.device))
  }

  /** A known tare as this scale takes it, or why it cannot. Asks the scale for its unit if nobody knows it yet. */
  async #digits(weight: string): Promise<{ digits: string } | { reason: string }> {
    const { presetTare, unit } = this.#channel.context.settings
    if (presetTare === 'none') return { reason: 'it takes only the load on it as tare' }
    let format = presetTare
    if (format === 'auto') {
      if (unit === 'auto' && this.#channel.unit === undefined)
        await this.#channel.exclusive(() => this.#channel.measure())
      const known = unit === 'auto' ? this.#channel.unit : unit
      if (known === undefined) return { reason: 'its unit is not known; set unit' }
      format = known === 'lb' ? 'WWW.WW' : 'WW.WWW'
    }
    const digits = presetTareDigits(weight, format)
    return digits === undefined ? { reason: `a tare has the form ${format}` } : { digits }
  }
}
