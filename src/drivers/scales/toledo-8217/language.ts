/** Toledo 8217 as the shared parts of scales want a language: weighing, and the echo that proves a line clean. */
import type { DriverContext } from '../../driver.ts'
import { EnclosedFramer } from '../../framing/enclosed.ts'
import type { ScaleLanguage, Talk } from '../common/channel.ts'
import { AnswerFramer, fixed } from '../common/framer.ts'
import type { Ear, Line, Reply } from '../common/line.ts'
import { type Measure, statusOf } from '../common/measure.ts'
import {
  type Answer,
  answerBytesMax,
  cr,
  decodeWeight,
  parseAnswer,
  requests,
  sevenBits,
  stx,
} from './codec.ts'
import type { Toledo8217Settings } from './settings.ts'

export const echoLimits = {
  /** How long an echo may take, in ms. A scale sends eight characters in 9 ms at 9600 baud. */
  echoMsMax: 300,
  /** How long it may take to leave echo mode, in ms. */
  echoOffMsMax: 200,
} as const

export function answerEar(stripParity: boolean): Ear<Answer> {
  return {
    framer: new EnclosedFramer({ start: stx, end: cr, frameBytesMax: answerBytesMax, mask: sevenBits }),
    parse(frame) {
      const answer = parseAnswer(frame, stripParity)
      // That it took `E` or `F` is no answer to anything that is asked here.
      return answer.kind === 'taken' ? undefined : answer
    },
  }
}

/** A line or a turn on it. */
type Asker = Pick<Talk<Answer>, 'send'> & {
  ask<T extends { kind: string }>(
    request: Uint8Array,
    options: { msMax: number; ear: Ear<T> },
  ): Promise<Reply<T>>
}

/**
 * Lets the scale echo a token of lower-case letters. `echoed`: it came back, so all that was said before has arrived, and what
 * comes next answers what is asked next. `ended`: it said that it left echo mode, which nothing does that only sends bytes back.
 */
export async function echo(
  asker: Asker | Line<Answer>,
  token: string,
  msMax: number,
): Promise<{ echoed: boolean; ended: boolean }> {
  const bytes = Array.from(token, (character) => character.charCodeAt(0))
  const reply = await asker.ask<{ kind: 'echoed' }>(Uint8Array.from([...requests.echoOn, ...bytes]), {
    msMax,
    ear: {
      framer: new AnswerFramer({ recognise: fixed(bytes), frameBytesMax: bytes.length, mask: sevenBits }),
      parse: () => ({ kind: 'echoed' }),
    },
  })
  if (reply.kind !== 'echoed') {
    // It may be in echo mode all the same: its answer was lost, or comes too late.
    asker.send(requests.echoOff)
    return { echoed: false, ended: false }
  }
  const end = await asker.ask<{ kind: 'off' }>(requests.echoOff, {
    msMax: echoLimits.echoOffMsMax,
    ear: {
      framer: new EnclosedFramer({ start: stx, end: cr, frameBytesMax: answerBytesMax, mask: sevenBits }),
      parse: () => ({ kind: 'off' }),
    },
  })
  return { echoed: true, ended: end.kind === 'off' }
}

export class Toledo8217Language implements ScaleLanguage<Answer> {
  readonly interfaceName = '8217, 9600 7E1'
  readonly proofsDiffer = true
  readonly ear: Ear<Answer>
  readonly #context: DriverContext<Toledo8217Settings>
  #tokens = 0

  constructor(context: DriverContext<Toledo8217Settings>) {
    this.#context = context
    this.ear = answerEar(context.settings.stripParity)
  }

  async weigh(talk: Talk<Answer>): Promise<Measure> {
    const { hiRes } = this.#context.settings
    const reply = await talk.ask(hiRes ? requests.highResolution : requests.weight)
    return this.#measureOf(reply)
  }

  async prove(talk: Talk<Answer>): Promise<boolean> {
    if (!this.#context.settings.echo) return false
    return (await echo(talk, this.#nextToken(), echoLimits.echoMsMax)).echoed
  }

  #measureOf(reply: Reply<Answer>): Measure {
    switch (reply.kind) {
      case 'weight': {
        const decoded = decodeWeight(reply, this.#context.settings)
        if ('reason' in decoded) return { kind: 'invalid', reason: decoded.reason }
        const at = new Date(this.#context.clock.now()).toISOString()
        // The language has no way to send a weight in motion: it sends the status instead.
        return { kind: 'weight', weight: { ...decoded, stable: true, tare: reply.net, at } }
      }
      case 'status': {
        const { outsideZeroCapture, centreOfZero, ...bits } = reply.status
        return statusOf({ ...bits, notZeroed: outsideZeroCapture, zero: centreOfZero })
      }
      case 'silent':
      case 'invalid':
        return reply
      case 'cut':
        return { kind: 'invalid', reason: 'the answer has no end' }
      case 'taken':
        return { kind: 'invalid', reason: 'the answer is to another question' }
    }
  }

  /** Lower-case letters are no commands, should the scale not be in echo mode. */
  #nextToken(): string {
    const number = this.#tokens++ % 26 ** 2
    const letter = (value: number) => String.fromCharCode(0x61 + value)
    return `tb${letter(Math.floor(number / 26))}${letter(number % 26)}`
  }
}
