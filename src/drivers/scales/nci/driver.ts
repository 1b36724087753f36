/** Driver for scales that speak NCI: Weigh-Tronix SCP-01 and SCP-02, Brecknell, Avery Weigh-Tronix. */
import { HubError } from '../../../protocol/errors.ts'
import type { ScaleTarePayload } from '../../../protocol/job.ts'
import {
  type Attempt,
  type AttemptResult,
  type DriverContext,
  defineDriver,
  type ProbeAnswer,
} from '../../driver.ts'
import { type Adjuster, done, failed, request } from '../common/adjuster.ts'
import type { ScaleLanguage, Talk } from '../common/channel.ts'
import { type Adjusting, openScale } from '../common/device.ts'
import { AnswerFramer } from '../common/framer.ts'
import { type Ear, Line, type Reply } from '../common/line.ts'
import { type Measure, statusOf } from '../common/measure.ts'
import {
  type Answer,
  answerBytesMax,
  type Dialect,
  type NciStatus,
  parseAnswer,
  recogniseAnswer,
  requests,
  sevenBits,
} from './codec.ts'
import { type NciSettings, nciSettings } from './settings.ts'

export const nci = defineDriver<NciSettings>({
  id: 'nci',
  name: 'NCI and Weigh-Tronix scales (SCP-01, SCP-02)',
  class: 'scale',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '7E1' },
  settings: nciSettings,
  capabilities: ['weighing'],
  probeLines: [
    { baud: '9600', format: '7E1' },
    { baud: '9600', format: '8N1' },
    { baud: '2400', format: '7E1' },
  ],
  probeRank: 20,
  /** Asks for the weight; nothing else answers LF, status bytes and ETX. */
  async probe(transport, { clock, answerMsMax }): Promise<ProbeAnswer | undefined> {
    const ear = answerEar('scp-01')
    const line = new Line({ transport, clock, ear: knownIn(ear) })
    line.start()
    // A CR first: it ends what other languages may have left in the scale's ear.
    const reply = await line.ask(Uint8Array.of(0x0d, ...requests.weight), { msMax: answerMsMax })
    return reply.kind === 'weight' || reply.kind === 'status' ? { certain: true } : undefined
  },
  open(context) {
    const language = new NciLanguage(context)
    return openScale({
      context,
      language,
      adjusting: (_, adjuster) => new NciAdjusting(context.settings, language, adjuster),
    })
  },
})

function answerEar(dialect: Dialect): Ear<Answer> {
  return {
    framer: new AnswerFramer({
      recognise: recogniseAnswer,
      frameBytesMax: answerBytesMax,
      mask: sevenBits,
    }),
    parse: (frame) => parseAnswer(frame, dialect),
  }
}

/** Passes over the answer to an unknown command: what other languages asked before, which the CR of the probe ended. */
const knownIn = (ear: Ear<Answer>): Ear<Answer> => ({
  framer: ear.framer,
  parse(frame) {
    const answer = ear.parse(frame)
    return answer?.kind === 'unknown' ? undefined : answer
  },
})

class NciLanguage implements ScaleLanguage<Answer> {
  readonly interfaceName = 'NCI (SCP-01 or ECR), 9600 7E1'
  readonly ear: Ear<Answer>
  readonly #context: DriverContext<NciSettings>
  /** The last status had the byte that says whether a tare is taken off. */
  tellsNet = false

  constructor(context: DriverContext<NciSettings>) {
    this.#context = context
    this.ear = answerEar(context.settings.dialect)
  }

  async weigh(talk: Talk<Answer>): Promise<Measure> {
    const { hiRes } = this.#context.settings
    return this.#measureOf(await talk.ask(hiRes ? requests.highResolution : requests.weight))
  }

  /** The answer to an unknown command looks like no other. */
  async prove(talk: Talk<Answer>): Promise<boolean> {
    if (!this.#context.settings.answersUnknown) return false
    const ear = answerEar(this.#context.settings.dialect)
    const onlyUnknown: Ear<Answer> = {
      framer: ear.framer,
      parse: (frame) => (parseAnswer(frame, 'scp-01').kind === 'unknown' ? { kind: 'unknown' } : undefined),
    }
    return (await talk.ask(requests.unknown, { ear: onlyUnknown })).kind === 'unknown'
  }

  #measureOf(reply: Reply<Answer>): Measure {
    switch (reply.kind) {
      case 'weight': {
        const { status } = reply
        this.tellsNet = status.net !== undefined
        if (hinders(status)) return measureOfStatus(status)
        const { unit } = this.#context.settings
        if (unit !== 'auto' && unit !== reply.unit)
          return { kind: 'invalid', reason: `the scale weighs in ${reply.unit}, not ${unit}` }
        const at = new Date(this.#context.clock.now()).toISOString()
        const { weight } = reply
        return {
          kind: 'weight',
          weight: {
            weight,
            unit: reply.unit,
            stable: true,
            tare: status.net === true,
            zero: status.zero,
            at,
          },
        }
      }
      case 'status':
        // Perhaps the end of an answer to nobody: a status by itself says why there is no weight.
        if (!hinders(reply.status))
          return { kind: 'invalid', reason: 'there is no weight and the status does not say why' }
        return measureOfStatus(reply.status)
      case 'unknown':
        return { kind: 'invalid', reason: 'it does not know the command for a weight' }
      case 'cut':
        return { kind: 'invalid', reason: 'the answer has no end' }
      case 'silent':
      case 'invalid':
        return reply
    }
  }
}

const hinders = (status: NciStatus): boolean =>
  status.motion || status.over || status.under || status.initialZeroError || status.trouble !== undefined

function measureOfStatus({ trouble, initialZeroError, net, ...bits }: NciStatus): Measure {
  return statusOf({
    ...bits,
    net: net === true,
    notZeroed: initialZeroError,
    ...(trouble === undefined ? {} : { trouble }),
  })
}

class NciAdjusting implements Adjusting {
  readonly #settings: NciSettings
  readonly #language: NciLanguage
  readonly #adjuster: Adjuster<Answer, NciSettings>

  constructor(settings: NciSettings, language: NciLanguage, adjuster: Adjuster<Answer, NciSettings>) {
    this.#settings = settings
    this.#language = language
    this.#adjuster = adjuster
  }

  /** Its answer is the status of the moment; the one after it counts. */
  zero(attempt: Attempt): Promise<AttemptResult> {
    return this.#adjuster.perform(attempt, {
      send: request(requests.zero),
      byReply: (reply) => (reply?.kind === 'unknown' ? failed(new HubError('scale_not_zeroed')) : undefined),
      byMeasure: ({ zero, net }) => (zero && !net ? done(true) : failed(new HubError('scale_not_zeroed'))),
    })
  }

  async tare({ weight }: ScaleTarePayload, attempt: Attempt): Promise<AttemptResult> {
    const refused = failed(new HubError('tare_refused'))
    if (weight !== undefined)
      return this.#adjuster.unsupported(
        'weight',
        'it takes only the load on it as tare, and clears by its key',
      )
    if (!this.#settings.tareCommand)
      return this.#adjuster.unsupported('scale.tare', 'its language has no such command; use its key')
    return this.#adjuster.perform(attempt, {
      send: request(requests.tare),
      byReply: (reply) => (reply?.kind === 'unknown' ? refused : undefined),
      byMeasure: ({ zero, net }) => {
        if (zero && net) return done(true)
        // A model without the third status byte shows a zero and not whether it is a net zero.
        return zero && !this.#language.tellsNet ? done(false) : refused
      },
    })
  }
}
