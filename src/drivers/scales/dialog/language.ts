/** How a weighing is talked over in Checkout Dialog: price, answer, status, and the proof that Dialog 06 asks for. */
import type { Weight } from '../../../protocol/device.ts'
import { HubError } from '../../../protocol/errors.ts'
import type { DriverContext, WeighRequest } from '../../driver.ts'
import type { ScaleLanguage, Talk } from '../common/channel.ts'
import { AnswerFramer, either, enclosed, single } from '../common/framer.ts'
import type { Ear, Reply } from '../common/line.ts'
import { type Measure, statusOf } from '../common/measure.ts'
import { scaleLimits } from '../common/settings.ts'
import { digitsOf } from '../common/weights.ts'
import {
  type Answer,
  ack,
  answerPair,
  checksumsRequest,
  codecLimits,
  decodeWeighing,
  etx,
  nak,
  orderRequest,
  parseAnswer,
  requests,
  stx,
} from './codec.ts'
import { type DialogSettings, dialogLimits } from './settings.ts'

export type DialogContext = DriverContext<DialogSettings>
type Said = Reply<Answer>

/** What is wrong with the proof, for a person; each says what to do. */
export const proofFaults = {
  missing:
    'The scale asks for the checksums of Dialog 06. Set polynomialSecret to the number agreed with the maker of the scale.',
  refused:
    'The scale did not accept the checksums of Dialog 06. Compare polynomialSecret and checksums with what was agreed with its maker.',
} as const

/** What the language wants to know and tell beside the line. */
export interface DialogDesk {
  /** Digits of the tare to send along, or undefined. */
  tare(): string | undefined
  /** The scale has weighed with the tare, or refused it. */
  tareGone(): void
  /** The proof failed, for this reason; undefined: it is good. */
  proof(fault: keyof typeof proofFaults | undefined): void
}

/** Marks a request as a weighing: the price that was asked with, or `''` for none. Without it the scale is only looked at. */
export const weighingRequest = (request: WeighRequest | undefined): WeighRequest => ({
  unitPrice: request?.unitPrice ?? '',
})

/** After this long a question is put anew from the price, in ms. */
const unfinishedMsMax = 1_000
/** A proof that leaves less than this of its turn, in ms, is followed by a turn of its own for the weight. */
const weighingMsMin = 250

interface Order {
  price: string
  tare: string | undefined
  /** The price as it was asked with; undefined: it stands in for one that was not given. */
  unitPrice: string | undefined
}

export class DialogLanguage implements ScaleLanguage<Answer> {
  readonly ear: Ear<Answer>
  /** A lost answer is proved out of the way by record 08 before the next question: see `#settleLost`. */
  readonly lateAnswers = 'impossible' as const
  readonly interfaceName: string
  readonly #context: DialogContext
  readonly #desk: DialogDesk
  #lost = false
  /** When questions for the status were given up: their answers, come late, settle nothing. */
  #statusesLost: number[] = []
  /** The order whose weighing had not finished when the scale was asked last. */
  #unfinished: { order: Order; at: number } | undefined

  constructor(context: DialogContext, desk: DialogDesk) {
    this.#context = context
    this.#desk = desk
    const { dialog, stripParity } = context.settings
    const baud = { '02': 2400, '04': 4800, '06': 9600 }[dialog]
    this.interfaceName = `Dialog ${dialog}, ${baud} 7O1`
    this.ear = { framer: this.#createFramer(), parse: (frame) => parseAnswer(frame, stripParity) }
  }

  #createFramer(): AnswerFramer {
    return new AnswerFramer({
      recognise: either(single(ack, nak), enclosed(stx, etx)),
      frameBytesMax: codecLimits.recordBytesMax,
      mask: this.#context.settings.stripParity ? 0x7f : 0xff,
    })
  }

  async weigh(talk: Talk<Answer>, request: WeighRequest): Promise<Measure> {
    if (!(await this.#settleLost(talk))) return { kind: 'silent' }
    if (request.unitPrice === undefined) return this.#look(talk)
    const order = this.#orderOf(request.unitPrice)
    return order instanceof HubError ? { kind: 'refused', error: order } : this.#carryOut(talk, order)
  }

  /** How the scale stands, without a weighing: what start and the look at an idle scale ask. */
  async #look(talk: Talk<Answer>): Promise<Measure> {
    const said = await this.#askStatus(talk)
    return said.kind === 'status' ? statusOf({}) : this.#notUnderstood(said)
  }

  #orderOf(asked: string): Order | HubError {
    const { priceDigits, priceDecimals, noPrice } = this.#context.settings
    const { device } = this.#context
    const unitPrice = asked === '' ? undefined : asked
    if (unitPrice === undefined && noPrice === 'refuse')
      return new HubError('params_invalid', {
        path: 'unitPrice',
        reason: 'this scale weighs only with a price',
      })
    const price = digitsOf(unitPrice ?? noPrice, priceDigits, priceDecimals)
    if (price === undefined) {
      const reason = `a price has ${priceDigits} digits, ${priceDecimals} of them after the point`
      return new HubError('payload_unsupported', { path: 'unitPrice', device, reason })
    }
    return { price, tare: this.#desk.tare(), unitPrice }
  }

  async #carryOut(talk: Talk<Answer>, order: Order): Promise<Measure> {
    let from: 'price' | 'result' = this.#takeUnfinished(order) ? 'result' : 'price'
    let challenges = 0
    let status = ''
    for (let restarts = 0; restarts <= dialogLimits.restartsMax; ) {
      const said = await this.#ask(talk, from === 'price' ? orderRequest(order) : requests.result)
      switch (said.kind) {
        case 'ack':
          if (from === 'result') return this.#notUnderstood(said)
          from = 'result'
          continue
        case 'weighing':
          return this.#weighed(said, order)
        case 'challenge': {
          if (++challenges > dialogLimits.challengesMax) return this.#proofFailed('refused')
          const failure = await this.#answerChallenge(talk, said)
          if (failure !== undefined) return failure
          // What is left may not do for a weighing: the reader comes back with a turn of its own.
          if (talk.msLeft < weighingMsMin) return statusOf({ motion: true })
          from = 'price'
          continue
        }
        case 'verdict':
          // Some give it only at the next question; what was asked is asked again.
          if (!said.valid) return this.#proofFailed('refused')
          this.#desk.proof(undefined)
          if (++challenges > dialogLimits.challengesMax) return this.#notUnderstood(said)
          continue
        case 'nak': {
          const told = await this.#askStatus(talk)
          if (told.kind !== 'status') return this.#notUnderstood(told)
          const measure = this.#measureOf(told.code, order)
          if (measure !== undefined) return measure
          status = told.code
          from = 'price'
          restarts++
          continue
        }
        default:
          return this.#notUnderstood(said)
      }
    }
    return { kind: 'invalid', reason: `it refuses the weighing with status ${status}` }
  }

  /** What a status code means for this weighing; undefined: begin again from the price. */
  #measureOf(code: string, order: Order): Measure | undefined {
    const { device, clock } = this.#context
    const refused = (error: HubError): Measure => ({ kind: 'refused', error })
    switch (code) {
      case '11': {
        const reason =
          order.unitPrice === undefined ? 'it weighs only with a price' : 'the scale refuses this price'
        return refused(new HubError('payload_unsupported', { path: 'unitPrice', device, reason }))
      }
      case '12':
        this.#desk.tareGone()
        return refused(new HubError('tare_refused'))
      case '20':
      case '22':
        this.#unfinished = { order, at: clock.monotonic() }
        return statusOf({ motion: true })
      case '21':
        return refused(new HubError('scale_not_moved'))
      case '30':
        return refused(new HubError('scale_below_minimum'))
      case '31':
        return statusOf({ under: true })
      case '32':
        return statusOf({ over: true })
      default:
        return undefined
    }
  }

  #weighed(said: Extract<Answer, { kind: 'weighing' }>, order: Order): Measure {
    const { settings, clock } = this.#context
    const { unit, priceDecimals, totalDecimals, totalTolerance } = settings
    const decoded = decodeWeighing(said, order.price, {
      unit,
      priceDecimals,
      totalDecimals: totalDecimals === 'auto' ? priceDecimals : totalDecimals,
      totalTolerance: totalTolerance === 'off' ? undefined : totalTolerance,
    })
    if ('reason' in decoded) return { kind: 'invalid', reason: decoded.reason }
    this.#desk.proof(undefined)
    if (order.tare !== undefined) this.#desk.tareGone()
    const { weight, unitPrice, total } = decoded
    const result: Weight = {
      weight,
      unit: decoded.unit,
      stable: true,
      tare: order.tare !== undefined,
      // The price that stood in for none says nothing, nor does its total.
      ...(order.unitPrice === undefined ? {} : { unitPrice, total }),
      at: new Date(clock.now()).toISOString(),
    }
    return { kind: 'weight', weight: result }
  }

  /** Sends the checksums and hears the verdict; undefined when the scale accepted them. */
  async #answerChallenge(
    talk: Talk<Answer>,
    challenge: Extract<Answer, { kind: 'challenge' }>,
  ): Promise<Measure | undefined> {
    const { dialog, polynomialSecret, checksums, checksumRotation } = this.#context.settings
    if (dialog !== '06')
      return {
        kind: 'invalid',
        reason: `it asks for checksums, which Dialog ${dialog} does not; set dialog to 06`,
      }
    if (polynomialSecret === undefined) return this.#proofFailed('missing')
    const polynomial = Number.parseInt(polynomialSecret, 16)
    const pairs = checksums.map((checksum) =>
      answerPair(Number.parseInt(checksum, 16), polynomial, challenge, checksumRotation),
    )
    const taken = await this.#ask(talk, checksumsRequest(pairs))
    if (taken.kind === 'nak') return this.#proofFailed('refused')
    if (taken.kind !== 'ack') return this.#notUnderstood(taken)
    const verdict = await this.#ask(talk, requests.result)
    if (verdict.kind !== 'verdict') return this.#notUnderstood(verdict)
    if (!verdict.valid) return this.#proofFailed('refused')
    this.#desk.proof(undefined)
    return undefined
  }

  #proofFailed(fault: keyof typeof proofFaults): Measure {
    this.#desk.proof(fault)
    const { device } = this.#context
    return { kind: 'refused', error: new HubError('device_faulty', { device, fault: proofFaults[fault] }) }
  }

  /**
   * After a lost answer: asks for the status until record 09 comes. The scale answers in order, so what was asked before cannot
   * come any more. False when nothing came.
   */
  async #settleLost(talk: Talk<Answer>): Promise<boolean> {
    if (!this.#lost) return true
    const status: Ear<Answer> = {
      framer: this.#createFramer(),
      parse: (frame) => {
        const answer = this.ear.parse(frame)
        return answer?.kind === 'status' ? answer : undefined
      },
    }
    const { clock } = this.#context
    const msMax = Math.ceil(talk.msLeft / 2)
    for (let settling = true; settling; ) {
      const said = await talk.ask(requests.status, { ear: status, msMax })
      const now = clock.monotonic()
      this.#statusesLost = this.#statusesLost.filter((at) => now - at < scaleLimits.lateMsMax)
      if (said.kind !== 'status') this.#statusesLost.push(now)
      if (said.kind !== 'status') return false
      settling = this.#statusesLost.shift() !== undefined
    }
    this.#lost = false
    return true
  }

  async #askStatus(talk: Talk<Answer>): Promise<Said> {
    const said = await this.#ask(talk, requests.status)
    if (said.kind !== 'status') this.#statusesLost.push(this.#context.clock.monotonic())
    return said
  }

  async #ask(talk: Talk<Answer>, request: Uint8Array): Promise<Said> {
    const said = await talk.ask(request)
    if (said.kind === 'silent' || said.kind === 'cut') this.#lost = true
    return said
  }

  #takeUnfinished(order: Order): boolean {
    const unfinished = this.#unfinished
    this.#unfinished = undefined
    if (unfinished === undefined) return false
    const isSame =
      unfinished.order.price === order.price &&
      unfinished.order.tare === order.tare &&
      unfinished.order.unitPrice === order.unitPrice
    return isSame && this.#context.clock.monotonic() - unfinished.at <= unfinishedMsMax
  }

  #notUnderstood(said: Said): Measure {
    switch (said.kind) {
      case 'silent':
        return { kind: 'silent' }
      case 'cut':
        return { kind: 'invalid', reason: 'the answer has no end' }
      case 'invalid':
        // What was spoilt may have been part of more: let the next question prove that the line is clear.
        this.#lost = true
        return { kind: 'invalid', reason: said.reason }
      default:
        this.#lost = true
        return { kind: 'invalid', reason: `it answers another question (${said.kind})` }
    }
  }
}
