/** Driver for Adam scales that print when asked (AZextra, CBD), and for scales that send lines like A&D. */
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
import { AnswerFramer } from '../common/framer.ts'
import { type Ear, Line, type Reply } from '../common/line.ts'
import { type Measure, statusOf } from '../common/measure.ts'
import { type Answer, answerBytesMax, parseHeaded, parseLabel, recogniseLine, request } from './codec.ts'
import { type AdamSettings, adamSettings } from './settings.ts'

export const adam = defineDriver<AdamSettings>({
  id: 'adam',
  name: 'Adam scales, and scales that send lines like A&D',
  class: 'scale',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '4800', format: '8N1' },
  settings: adamSettings,
  capabilities: ['weighing'],
  // Last: an empty scale does not answer, and much else might print a line with a number.
  probeRank: 95,
  async probe(transport, { clock, answerMsMax }): Promise<ProbeAnswer | undefined> {
    const line = new Line({ transport, clock, ear: answerEar('label') })
    line.start()
    // A line end first: it ends what other languages may have left in the scale's ear.
    const reply = await line.ask(Uint8Array.of(0x0d, 0x0a, ...request('P')), { msMax: answerMsMax })
    return reply.kind === 'weight' ? { certain: false } : undefined
  },
  open: (context) =>
    openScale({
      context,
      language: new AdamLanguage(context),
      adjusting: (_, adjuster) => adjusting(context.settings, adjuster),
      silentStart: context.settings.silentStart,
    }),
})

function answerEar(dialect: AdamSettings['dialect']): Ear<Answer> {
  return {
    framer: new AnswerFramer({ recognise: recogniseLine, frameBytesMax: answerBytesMax, startless: true }),
    parse: dialect === 'label' ? parseLabel : parseHeaded,
  }
}

class AdamLanguage implements ScaleLanguage<Answer> {
  readonly interfaceName: string
  readonly ear: Ear<Answer>
  readonly watchGapMs: number
  readonly silenceIsUsual: boolean
  readonly lateAnswers: 'doubted' | 'quiet' | 'impossible'
  readonly #context: DriverContext<AdamSettings>

  constructor(context: DriverContext<AdamSettings>) {
    this.#context = context
    const { dialect, request: letter, newMeasureDelay } = context.settings
    this.interfaceName = dialect === 'label' ? 'P, 4800 8N1' : 'a line with ST, US or OL, 2400 or 9600 baud'
    this.ear = answerEar(dialect)
    this.watchGapMs = letter === 'none' ? 0 : newMeasureDelay
    this.silenceIsUsual = dialect === 'label' && letter !== 'none'
    // To an unchanged weight there is no second answer, so a doubtful one could never be asked for again.
    this.lateAnswers = letter === 'none' ? 'impossible' : this.silenceIsUsual ? 'quiet' : 'doubted'
  }

  async weigh(talk: Talk<Answer>): Promise<Measure> {
    const { request: letter, latencyMs, silenceMeans, unit } = this.#context.settings
    const reply = await (letter === 'none' ? talk.hear({ latencyMs }) : talk.ask(request(letter)))
    if (reply.kind === 'silent' && silenceMeans === 'zero' && this.silenceIsUsual)
      return this.#weight({ weight: '0', unit, net: false })
    return this.#measureOf(reply)
  }

  #measureOf(reply: Reply<Answer>): Measure {
    switch (reply.kind) {
      case 'weight':
        if (reply.state === 'over') return statusOf({ over: true, net: reply.net === true })
        if (reply.state === 'moving') return statusOf({ motion: true, net: reply.net === true })
        return this.#weight(reply)
      case 'cut':
        return { kind: 'invalid', reason: 'the answer has no end' }
      case 'silent':
      case 'invalid':
        return reply
    }
  }

  #weight({
    weight,
    unit,
    net,
  }: Pick<Extract<Answer, { kind: 'weight' }>, 'weight' | 'unit' | 'net'>): Measure {
    const at = new Date(this.#context.clock.now()).toISOString()
    return { kind: 'weight', weight: { weight, unit, stable: true, tare: net === true, at } }
  }
}

/**
 * `Z` and `T` have no answer. Where the scale keeps silent at zero nothing can tell that they worked: done, not confirmed.
 * There is no command that clears a tare.
 */
function adjusting(settings: AdamSettings, adjuster: Adjuster<Answer, AdamSettings>): Adjusting {
  if (settings.request === 'none') return {}
  const isMute = settings.dialect === 'label'
  const perform = (letter: 'Z' | 'T', attempt: Attempt, refusal: 'scale_not_zeroed' | 'tare_refused') =>
    adjuster.perform(attempt, {
      async send(talk) {
        talk.send(request(letter))
        return undefined
      },
      ...(isMute ? { byReply: () => done(false) } : {}),
      byMeasure: ({ zero, net }) =>
        zero && (letter === 'T' || !net) ? done(letter === 'Z' || net) : failed(new HubError(refusal)),
    })
  return {
    zero: (attempt: Attempt) => perform('Z', attempt, 'scale_not_zeroed'),
    tare: async ({ weight }: ScaleTarePayload, attempt: Attempt): Promise<AttemptResult> =>
      weight === undefined
        ? perform('T', attempt, 'tare_refused')
        : adjuster.unsupported('weight', 'it takes only the load on it as tare, and clears by its key'),
  }
}
