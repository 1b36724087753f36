/** Driver for CAS scales: AP-1 (PD, SW, ER, AD in that mode) and indicators with the line of 22 bytes (CI, NT). */
import { HubError } from '../../../protocol/errors.ts'
import type { ScaleTarePayload } from '../../../protocol/job.ts'
import {
  type Attempt,
  type AttemptResult,
  type DriverContext,
  defineDriver,
  type ProbeAnswer,
} from '../../driver.ts'
import { type Adjuster, done, failed } from '../common/adjuster.ts'
import type { ScaleLanguage, Talk } from '../common/channel.ts'
import { type Adjusting, openScale } from '../common/device.ts'
import { AnswerFramer, either } from '../common/framer.ts'
import { type Ear, Line, type Reply } from '../common/line.ts'
import { type Measure, statusOf } from '../common/measure.ts'
import {
  type Answer,
  casLimits,
  command,
  parseAp1,
  parseLine,
  recogniseAp1,
  recogniseLine,
  requests,
} from './codec.ts'
import { type CasSettings, casSettings } from './settings.ts'

const { answerBytesMax, naksMax } = casLimits

const ap1Ear = (priceDecimals: number): Ear<Answer> => ({
  framer: new AnswerFramer({ recognise: recogniseAp1, frameBytesMax: answerBytesMax }),
  parse: (frame) => parseAp1(frame, priceDecimals),
})

const lineEar = (): Ear<Answer> => ({
  framer: new AnswerFramer({ recognise: recogniseLine, frameBytesMax: answerBytesMax }),
  parse: parseLine,
})

/** For a port of which nobody knows which of the two is there. */
const anyEar = (): Ear<Answer> => ({
  framer: new AnswerFramer({ recognise: either(recogniseAp1, recogniseLine), frameBytesMax: answerBytesMax }),
  parse: (frame) => (frame.length === 1 || frame[0] === 0x01 ? parseAp1(frame, 2) : parseLine(frame)),
})

export const cas = defineDriver<CasSettings>({
  id: 'cas',
  name: 'CAS scales and indicators',
  class: 'scale',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '8N1' },
  settings: casSettings,
  capabilities: ['weighing'],
  probeRank: 30,
  /** ENQ, and DC1 when it is answered: other languages have an ACK too, but not this weight with its check byte. */
  async probe(transport, { clock, answerMsMax }): Promise<ProbeAnswer | undefined> {
    const line = new Line({ transport, clock, ear: anyEar() })
    line.start()
    const first = await line.ask(requests.enquiry, { msMax: answerMsMax })
    if (first.kind === 'weight') return { certain: true }
    if (first.kind !== 'ack') return undefined
    const second = await line.ask(requests.weight, { msMax: answerMsMax })
    return second.kind === 'weight' ? { certain: true } : undefined
  },
  open: (context) =>
    openScale({
      context,
      language: new CasLanguage(context),
      adjusting: (_, adjuster) => adjusting(context.settings, adjuster),
    }),
})

class CasLanguage implements ScaleLanguage<Answer> {
  readonly interfaceName: string
  readonly ear: Ear<Answer>
  readonly lateAnswers: 'doubted' | 'impossible'
  readonly #context: DriverContext<CasSettings>

  constructor(context: DriverContext<CasSettings>) {
    this.#context = context
    const { dialect, priceDecimals, commands } = context.settings
    const isStream = dialect === 'stream22'
    this.interfaceName = isStream ? 'CAS 22 bytes, 9600 8N1' : 'CAS type AP-1, 9600 8N1'
    this.ear = isStream ? lineEar() : ap1Ear(priceDecimals)
    this.lateAnswers = isStream && commands === 'none' ? 'impossible' : 'doubted'
  }

  async weigh(talk: Talk<Answer>): Promise<Measure> {
    const { dialect } = this.#context.settings
    return this.#measureOf(await (dialect === 'ap1' ? this.#askAp1(talk) : this.#askLine(talk)))
  }

  /** ENQ until it is ready, then the weight. */
  async #askAp1(talk: Talk<Answer>): Promise<Reply<Answer>> {
    for (let naks = 0; naks <= naksMax; naks++) {
      const ready = await talk.ask(requests.enquiry)
      if (ready.kind === 'ack')
        return talk.ask(this.#context.settings.price ? requests.prices : requests.weight)
      if (ready.kind !== 'nak') return ready
    }
    return { kind: 'invalid', reason: 'it refuses to answer (NAK)' }
  }

  async #askLine(talk: Talk<Answer>): Promise<Reply<Answer>> {
    const { commands, id, latencyMs } = this.#context.settings
    if (commands === 'none') return talk.hear({ latencyMs })
    const reply = await talk.ask(command(commands, id, 'weight'))
    // Some send the command back first.
    return reply.kind === 'taken' ? talk.hear() : reply
  }

  #measureOf(reply: Reply<Answer>): Measure {
    switch (reply.kind) {
      case 'weight': {
        const { weight, unit, stable, net, zero, over, unitPrice, total } = reply
        if (over) return statusOf({ over: true, net })
        if (!stable) return statusOf({ motion: true, net })
        const at = new Date(this.#context.clock.now()).toISOString()
        return {
          kind: 'weight',
          weight: {
            weight,
            unit,
            stable,
            tare: net,
            ...(zero === undefined ? {} : { zero }),
            ...(unitPrice === undefined ? {} : { unitPrice }),
            ...(total === undefined ? {} : { total }),
            at,
          },
        }
      }
      case 'silent':
      case 'invalid':
        return reply
      case 'cut':
        return { kind: 'invalid', reason: 'the answer has no end' }
      default:
        return { kind: 'invalid', reason: 'the answer is to another question' }
    }
  }
}

/** Only indicators have commands; AP-1 has keys. */
function adjusting(settings: CasSettings, adjuster: Adjuster<Answer, CasSettings>): Adjusting {
  const { dialect, commands, id } = settings
  if (dialect === 'ap1' || commands === 'none') return {}
  const refusal = (code: 'scale_not_zeroed' | 'tare_refused') => failed(new HubError(code))
  const byReply = (code: 'scale_not_zeroed' | 'tare_refused') => (reply: Reply<Answer> | undefined) =>
    reply?.kind === 'refused' ? refusal(code) : undefined
  return {
    zero: (attempt: Attempt) =>
      adjuster.perform(attempt, {
        send: (talk) => talk.ask(command(commands, id, 'zero')),
        byReply: byReply('scale_not_zeroed'),
        byMeasure: ({ zero, net }) => (zero && !net ? done(true) : refusal('scale_not_zeroed')),
      }),
    tare: async ({ weight }: ScaleTarePayload, attempt: Attempt): Promise<AttemptResult> => {
      if (weight !== undefined)
        return adjuster.unsupported('weight', 'it takes only the load on it as tare, and clears by its key')
      return adjuster.perform(attempt, {
        send: (talk) => talk.ask(command(commands, id, 'tare')),
        byReply: byReply('tare_refused'),
        byMeasure: ({ zero, net }) => (zero && net ? done(true) : refusal('tare_refused')),
      })
    },
  }
}
