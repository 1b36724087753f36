/** Driver for scales that speak MT-SICS: Mettler Toledo industry and laboratory, Kern, Ohaus; and the Ohaus commands. */
import { type DriverContext, defineDriver, type ProbeAnswer } from '../../driver.ts'
import type { ScaleLanguage, Talk } from '../common/channel.ts'
import { openScale } from '../common/device.ts'
import { AnswerFramer } from '../common/framer.ts'
import { type Ear, Line, type Reply } from '../common/line.ts'
import { type Measure, statusOf } from '../common/measure.ts'
import { isZero } from '../common/weights.ts'
import { MtSicsAdjusting } from './adjusting.ts'
import { type Answer, answerBytesMax, parseOhaus, parseSics, recogniseLine, request } from './codec.ts'
import { type MtSicsSettings, mtSicsSettings } from './settings.ts'

export const mtSics = defineDriver<MtSicsSettings>({
  id: 'mt-sics',
  name: 'MT-SICS scales',
  class: 'scale',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '8N1' },
  settings: mtSicsSettings,
  capabilities: ['weighing'],
  probeLines: [
    { baud: '9600', format: '8N1' },
    { baud: '9600', format: '7E1' },
  ],
  // After the languages whose questions have no line end, before Dialog.
  probeRank: 50,
  /** `I4`: the serial number. */
  async probe(transport, { clock, answerMsMax }): Promise<ProbeAnswer | undefined> {
    const line = new Line({ transport, clock, ear: answerEar('sics') })
    line.start()
    const first = await line.ask(request('I4'), { msMax: answerMsMax })
    // What other languages asked before may have stood in front of this question.
    const reply = first.kind === 'error' ? await line.ask(request('I4'), { msMax: answerMsMax }) : first
    return reply.kind === 'text' && reply.command === 'I4' ? { serial: reply.text, certain: true } : undefined
  },
  open: (context) =>
    openScale({
      context,
      language: new MtSicsLanguage(context),
      adjusting: (channel, adjuster) => new MtSicsAdjusting(channel, adjuster),
      async greet(channel) {
        const { dialect, askIdentity } = context.settings
        if (dialect !== 'sics' || !askIdentity) return
        const talk = channel.turn()
        const serial = await talk.ask(request('I4'), { ear: onlyText('I4') })
        // A scale of another maker may know neither; it weighs all the same.
        if (serial.kind !== 'text') return
        const model = await talk.ask(request('I2'), { ear: onlyText('I2') })
        context.listener.details({
          serial: serial.text,
          ...(model.kind === 'text' ? { model: model.text } : {}),
        })
      },
    }),
})

function answerEar(dialect: MtSicsSettings['dialect']): Ear<Answer> {
  return {
    framer: new AnswerFramer({ recognise: recogniseLine, frameBytesMax: answerBytesMax, startless: true }),
    parse: dialect === 'sics' ? parseSics : parseOhaus,
  }
}

/** Passes over every line but the answer to this question, or that it is not known. */
function onlyText(command: 'I2' | 'I4'): Ear<Answer> {
  return {
    framer: answerEar('sics').framer,
    parse(frame) {
      const answer = parseSics(frame)
      const isAnswer = answer.kind === 'error' || ('command' in answer && answer.command === command)
      return isAnswer ? answer : undefined
    },
  }
}

class MtSicsLanguage implements ScaleLanguage<Answer> {
  readonly interfaceName: string
  readonly ear: Ear<Answer>
  readonly #context: DriverContext<MtSicsSettings>
  #knowsTare: boolean
  /** It has answered `TA` before. */
  #hasToldTare = false

  constructor(context: DriverContext<MtSicsSettings>) {
    this.#context = context
    const { dialect, askTare } = context.settings
    this.interfaceName = dialect === 'sics' ? 'MT-SICS, 9600 8N1' : 'Ohaus, 9600 8N1'
    this.ear = answerEar(dialect)
    this.#knowsTare = dialect === 'sics' && askTare
  }

  async weigh(talk: Talk<Answer>): Promise<Measure> {
    const { dialect, ohausRequest } = this.#context.settings
    const reply = await talk.ask(request(dialect === 'sics' ? 'SI' : ohausRequest))
    if (reply.kind !== 'weight') return measureOf(reply)
    const { weight, unit, stable } = reply
    if (!stable) return statusOf({ motion: true, net: reply.net })
    // Asked after the weight: a tare that was taken meanwhile is told, one that was cleared is not.
    const tare = this.#knowsTare ? await this.#hasTare(talk) : reply.net
    if (typeof tare !== 'boolean') return tare
    const at = new Date(this.#context.clock.now()).toISOString()
    return { kind: 'weight', weight: { weight, unit, stable, tare, at } }
  }

  /** Only the answer to `I4` begins with its name. */
  async prove(talk: Talk<Answer>): Promise<boolean> {
    if (this.#context.settings.dialect !== 'sics') return false
    const reply = await talk.ask(request('I4'), { ear: onlyText('I4') })
    return reply.kind === 'text' || reply.kind === 'busy'
  }

  async #hasTare(talk: Talk<Answer>): Promise<boolean | Measure> {
    const reply = await talk.ask(request('TA'))
    if (reply.kind === 'taken' && reply.command === 'TA' && reply.weight !== undefined) {
      this.#hasToldTare = true
      return !isZero(reply.weight)
    }
    // From a scale that knows the question an error is noise on the line, as ET always is.
    if (reply.kind === 'error' && reply.error !== 'ET' && !this.#hasToldTare) {
      this.#knowsTare = false
      return false
    }
    // Busy with the next load: the weight is not worth more than the tare.
    if (reply.kind === 'busy') return statusOf({ motion: true })
    return reply.kind === 'silent' ? reply : { kind: 'invalid', reason: 'the answer to TA is no tare' }
  }
}

function measureOf(reply: Reply<Answer>): Measure {
  switch (reply.kind) {
    case 'over':
      return statusOf({ over: true })
    case 'under':
      return statusOf({ under: true })
    case 'busy':
      // It waits for rest itself, or for another command to end.
      return statusOf({ motion: true })
    case 'silent':
    case 'invalid':
      return reply
    case 'cut':
      return { kind: 'invalid', reason: 'the answer has no end' }
    case 'error':
      return { kind: 'invalid', reason: `it answers ${reply.error} to the question for a weight` }
    default:
      return { kind: 'invalid', reason: 'the answer is to another question' }
  }
}
