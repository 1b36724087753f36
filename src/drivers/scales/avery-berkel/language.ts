/** How a weight is asked for in the Avery Berkel language: enquiry, data, and making sure of them. */
import type { DriverContext } from '../../driver.ts'
import type { ScaleLanguage, Talk } from '../common/channel.ts'
import { AnswerFramer, either, fixed, single } from '../common/framer.ts'
import type { Ear, Reply } from '../common/line.ts'
import { type Measure, statusOf } from '../common/measure.ts'
import { type Answer, bytes, dataBytes, dataShape, decodeData, parseAnswer, requests } from './codec.ts'
import type { AveryBerkelSettings } from './settings.ts'

export type AveryBerkelContext = DriverContext<AveryBerkelSettings>
type Said = Reply<Answer>
type Data = Extract<Answer, { kind: 'data' }>

export function createEar(settings: Pick<AveryBerkelSettings, 'stripParity' | 'bcc'>): Ear<Answer> {
  return {
    framer: new AnswerFramer({
      recognise: either(single(...Object.values(bytes)), fixed(dataShape)),
      frameBytesMax: dataBytes,
      mask: settings.stripParity ? 0x7f : 0xff,
    }),
    parse: (frame) => parseAnswer(frame, settings),
  }
}

export class AveryBerkelLanguage implements ScaleLanguage<Answer> {
  readonly ear: Ear<Answer>
  readonly interfaceName = 'Avery Berkel, 2400 7E1'
  /** A tare of ours is on the scale, as far as the hub can know: the language does not say. */
  net = false
  readonly #context: AveryBerkelContext

  constructor(context: AveryBerkelContext) {
    this.#context = context
    this.ear = createEar(context.settings)
  }

  async weigh(talk: Talk<Answer>): Promise<Measure> {
    const ready = await talk.ask(requests.enquiry)
    // "Repeat weighing" and "no data": it has no weight that rests.
    if (ready.kind === 'can' || ready.kind === 'nothing') return statusOf({ motion: true })
    if (ready.kind !== 'ack') return notUnderstood(ready)
    const first = await talk.ask(requests.data)
    if (first.kind !== 'data') return notUnderstood(first)
    return (await this.#doubt(talk, first)) ?? this.#measureOf(first)
  }

  /** Why the data are not to be believed; undefined when they are. */
  async #doubt(talk: Talk<Answer>, data: Data): Promise<Measure | undefined> {
    const { confirm, bcc } = this.#context.settings
    if (confirm === 'off') return undefined
    if (confirm === 'echo') {
      const verdict = await talk.ask(echoOf(data, bcc))
      return verdict.kind === 'compared'
        ? undefined
        : verdict.kind === 'ack'
          ? { kind: 'invalid', reason: 'the scale did not confirm the weight' }
          : notUnderstood(verdict)
    }
    const second = await talk.ask(requests.data)
    if (second.kind !== 'data') return notUnderstood(second)
    if (second.id !== data.id || second.digits !== data.digits)
      return { kind: 'invalid', reason: 'the scale gave two different weights' }
    talk.send(requests.compared)
    return undefined
  }

  #measureOf(data: Data): Measure {
    const decoded = decodeData(data, this.#context.settings)
    switch (decoded.kind) {
      case 'weight': {
        const { weight, unit } = decoded
        const at = new Date(this.#context.clock.now()).toISOString()
        return { kind: 'weight', weight: { weight, unit, stable: true, tare: this.net, at } }
      }
      case 'invalid':
        return decoded
      default:
        return statusOf({ [decoded.kind]: true, net: this.net })
    }
  }
}

/** The data as they came, to be compared by the scale. */
function echoOf({ id, digits }: Data, bcc: AveryBerkelSettings['bcc']): Uint8Array {
  const body = [id, ...Array.from(digits, (digit) => digit.charCodeAt(0))]
  const check = body.reduce((sum, byte) => sum ^ byte, bcc === 'xor-with-etx' ? 0x03 : 0)
  return Uint8Array.of(0x02, ...body, check, 0x03)
}

function notUnderstood(said: Said): Measure {
  switch (said.kind) {
    case 'silent':
      return { kind: 'silent' }
    case 'cut':
      return { kind: 'invalid', reason: 'the answer has no end' }
    case 'invalid':
      return { kind: 'invalid', reason: said.reason }
    default:
      return { kind: 'invalid', reason: `it answers another question (${said.kind})` }
  }
}
