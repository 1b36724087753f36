/** One cable for two: the scale is asked, and labels that come in between go to the listener, never to the question. */
import type { DriverContext } from '../../driver.ts'
import { DelimiterFramer } from '../../framing/delimiter.ts'
import type { ScaleLanguage, Talk } from '../common/channel.ts'
import type { Framer } from '../common/framer.ts'
import type { Ear } from '../common/line.ts'
import { type Measure, statusOf } from '../common/measure.ts'
import {
  type Answer,
  decodeLabel,
  decodeWeight,
  endBytes,
  labelOf,
  parseAnswer,
  request,
  textOf,
  zeroWeight,
} from './codec.ts'
import { type MagellanSettings, magellanLimits } from './settings.ts'

export type MagellanContext = DriverContext<MagellanSettings>

/** Messages up to their end, as the line wants them. */
class MessageFramer implements Framer {
  readonly #messages: DelimiterFramer

  constructor(settings: MagellanSettings) {
    this.#messages = new DelimiterFramer({
      delimiters: [endBytes(settings)],
      frameBytesMax: settings.labelBytesMax,
    })
  }

  get inFrame(): boolean {
    return this.#messages.pendingBytes > 0
  }

  push(chunk: Uint8Array): Uint8Array[] {
    return this.#messages.push(chunk)
  }

  reset(): void {
    this.#messages.flush()
  }
}

/** `doubted`: it may be the tail of a label. */
export type Heard = Answer | { kind: 'doubted' }

export class MagellanLanguage implements ScaleLanguage<Heard> {
  readonly ear: Ear<Heard>
  readonly interfaceName = 'RS-232 or USB-COM single cable, 9600 7E1'
  readonly #context: MagellanContext
  #unit: 'kg' | 'lb' | undefined
  /** When a label, or what may be its tail, ended last. */
  #labelAt = Number.NEGATIVE_INFINITY
  /** Nothing is told any more. */
  stopped = false

  constructor(context: MagellanContext) {
    const { settings } = context
    this.#context = context
    this.ear = {
      framer: new MessageFramer(settings),
      parse: (message) => {
        const answer = parseAnswer(textOf(message, settings.stripParity), settings)
        if (answer.kind === 'invalid' || !this.#isBehindLabel) return answer
        this.#labelAt = context.clock.monotonic()
        return { kind: 'doubted' }
      },
    }
  }

  /** True for a label, which is told at once, and for what can only be the tail of one. */
  overhear(message: Uint8Array): boolean {
    const { settings, listener, log, device, clock } = this.#context
    const text = textOf(message, settings.stripParity)
    const label = labelOf(text, settings)
    if (label === undefined && parseAnswer(text, settings).kind !== 'invalid') return false
    const isTail = label === undefined && this.#isBehindLabel
    // What is no answer may be a long tail: what comes right behind it is not believed either.
    this.#labelAt = clock.monotonic()
    if (isTail) log.warn({ device }, 'a label was cut by an end inside it; what came behind was dropped')
    if (label === undefined) return isTail
    const scan = decodeLabel(label, settings)
    if (scan === undefined || this.stopped) return true
    listener.scan(scan)
    this.command(settings.beepCommand)
    return true
  }

  /** Sends a command of the scanner, if there is one; it has no answer. */
  command(command: string | undefined): void {
    const { transport, settings } = this.#context
    if (command !== undefined && !this.stopped) transport.write(request(command, settings)).catch(() => {})
  }

  /** An answer right behind a label is not believed; the scale is asked again as long as the turn lasts. */
  async weigh(talk: Talk<Heard>): Promise<Measure> {
    const { settings } = this.#context
    const question = request(settings.ask, settings)
    let answer = await talk.ask(question)
    while (answer.kind === 'doubted' && talk.msLeft > magellanLimits.behindLabelMs) {
      await talk.pause(magellanLimits.behindLabelMs)
      answer = await talk.ask(question)
    }
    switch (answer.kind) {
      case 'weight': {
        const decoded = decodeWeight(answer.digits, settings)
        return 'reason' in decoded
          ? { kind: 'invalid', reason: decoded.reason }
          : this.#weight(decoded, false)
      }
      case 'zero': {
        const unit = settings.unit === 'auto' ? (this.#unit ?? 'kg') : settings.unit
        return this.#weight(zeroWeight(unit, settings.decimals), true)
      }
      case 'not_zeroed':
        return statusOf({ notZeroed: true })
      case 'motion':
      case 'over':
      case 'under':
        return statusOf({ [answer.kind]: true })
      case 'silent':
        return { kind: 'silent' }
      case 'cut':
        return { kind: 'invalid', reason: 'the answer has no end' }
      case 'doubted':
        return { kind: 'invalid', reason: 'labels came in all the time' }
      case 'invalid':
        return { kind: 'invalid', reason: answer.reason }
    }
  }

  get #isBehindLabel(): boolean {
    return this.#context.clock.monotonic() - this.#labelAt < magellanLimits.behindLabelMs
  }

  #weight({ weight, unit }: { weight: string; unit: 'kg' | 'lb' }, zero: boolean): Measure {
    this.#unit = unit
    const at = new Date(this.#context.clock.now()).toISOString()
    return { kind: 'weight', weight: { weight, unit, stable: true, tare: false, zero, at } }
  }
}
