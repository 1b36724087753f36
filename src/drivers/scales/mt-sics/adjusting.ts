/** Zero and tare in MT-SICS, where the scale says itself what it did; and in the Ohaus commands, where the weight tells. */
import { HubError } from '../../../protocol/errors.ts'
import type { ScaleTarePayload } from '../../../protocol/job.ts'
import type { Attempt, AttemptResult } from '../../driver.ts'
import { type Adjuster, type Adjustment, done, failed } from '../common/adjuster.ts'
import type { ScaleChannel } from '../common/channel.ts'
import type { Adjusting } from '../common/device.ts'
import type { Reply } from '../common/line.ts'
import { isSameWeight, isZero } from '../common/weights.ts'
import { type Answer, request } from './codec.ts'
import type { MtSicsSettings } from './settings.ts'

type Refusal = 'scale_not_zeroed' | 'tare_refused'
const refusal = (code: Refusal) => failed(new HubError(code))

export class MtSicsAdjusting implements Adjusting {
  readonly #channel: ScaleChannel<Answer, MtSicsSettings>
  readonly #adjuster: Adjuster<Answer, MtSicsSettings>

  constructor(channel: ScaleChannel<Answer, MtSicsSettings>, adjuster: Adjuster<Answer, MtSicsSettings>) {
    this.#channel = channel
    this.#adjuster = adjuster
  }

  zero(attempt: Attempt): Promise<AttemptResult> {
    return this.#adjuster.perform(
      attempt,
      this.#isOhaus
        ? {
            send: mute('Z'),
            byMeasure: ({ zero, net }) => (zero && !net ? done(true) : refusal('scale_not_zeroed')),
          }
        : this.#told('Z', 'scale_not_zeroed'),
    )
  }

  async tare({ weight }: ScaleTarePayload, attempt: Attempt): Promise<AttemptResult> {
    if (this.#isOhaus) return this.#tareOhaus(weight, attempt)
    if (weight === undefined) return this.#adjuster.perform(attempt, this.#told('T', 'tare_refused'))
    if (isZero(weight)) return this.#adjuster.perform(attempt, this.#told('TAC', 'tare_refused'))
    if (this.#channel.unit === undefined) await this.#channel.exclusive(() => this.#channel.measure())
    const { unit } = this.#channel
    if (unit === undefined)
      return this.#adjuster.unsupported('weight', 'its unit is not known yet; weigh once')
    return this.#adjuster.perform(attempt, this.#told('TA', 'tare_refused', { weight, unit }))
  }

  get #isOhaus(): boolean {
    return this.#channel.context.settings.dialect === 'ohaus'
  }

  /** The scale waits for rest, does it, and says so. */
  #told(
    command: 'Z' | 'T' | 'TAC' | 'TA',
    code: Refusal,
    known?: { weight: string; unit: string },
  ): Adjustment<Answer> {
    const text = known === undefined ? command : `${command} ${known.weight} ${known.unit}`
    return {
      send: (talk) => talk.ask(request(text)),
      msMax: this.#channel.context.settings.adjustMsMax,
      byReply: (reply: Reply<Answer> | undefined): AttemptResult | undefined => {
        switch (reply?.kind) {
          case 'taken':
            if (reply.command !== command) return undefined
            // It rounds a tare to its own digits; another one than was asked for is none.
            if (
              known !== undefined &&
              (reply.weight === undefined || !isSameWeight(reply.weight, known.weight))
            )
              return done(false)
            return done(true)
          case 'over':
          case 'under':
          case 'busy':
          case 'error':
            return refusal(code)
          default:
            return undefined
        }
      },
    }
  }

  async #tareOhaus(weight: string | undefined, attempt: Attempt): Promise<AttemptResult> {
    if (weight !== undefined && !isZero(weight))
      return this.#adjuster.unsupported('weight', 'it takes only the load on it as tare')
    return this.#adjuster.perform(attempt, {
      send: mute(weight === undefined ? 'T' : '0T'),
      byMeasure: ({ zero, net }) => {
        if (weight !== undefined) return net ? refusal('tare_refused') : done(true)
        return zero && net ? done(true) : refusal('tare_refused')
      },
    })
  }
}

/** Sends a command that is not answered. */
const mute =
  (text: string): Adjustment<Answer>['send'] =>
  async (talk) => {
    talk.send(request(text))
    return undefined
  }
