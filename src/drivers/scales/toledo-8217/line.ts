/** The line to a scale: one question at a time, and no answer is ever taken for that of another question. */
import type { DriverClock } from '../../driver.ts'
import { EnclosedFramer } from '../../framing/enclosed.ts'
import type { Transport } from '../../transports/transport.ts'
import { type Answer, answerBytesMax, cr, parseAnswer, requests, sevenBits, stx } from './codec.ts'

export const lineLimits = {
  /** An answer that stops for longer than this has lost its end. */
  interByteMsMax: 200,
  /** How long an echo may take. A scale sends eight characters in 9 ms at 9600 baud. */
  echoMsMax: 300,
  /** Longest token that `echo` sends, in characters. */
  tokenCharsMax: 8,
} as const

/** `silent`: no byte of an answer came in time. `cut`: it began and did not end. */
export type Reply = Answer | { kind: 'silent' } | { kind: 'cut' }

interface Wait {
  /** Looks at bytes that came in. */
  feed: (bytes: Uint8Array) => void
  fail: (error: unknown) => void
}

export interface LineOptions {
  transport: Transport
  clock: DriverClock
  stripParity: boolean
}

export class Line {
  readonly #transport: Transport
  readonly #clock: DriverClock
  readonly #stripParity: boolean
  #wait: Wait | undefined
  #over: Error | undefined

  constructor(options: LineOptions) {
    this.#transport = options.transport
    this.#clock = options.clock
    this.#stripParity = options.stripParity
  }

  start(): void {
    // Bytes that nobody waits for are stale: they must not become an answer.
    this.#transport.onBytes((bytes) => this.#wait?.feed(bytes))
    void this.#transport.closed.then(() =>
      // A write to a closed transport answers with the error that says why it is closed.
      this.#transport.write(new Uint8Array(0)).catch((error: unknown) => this.#wait?.fail(error)),
    )
  }

  /** Ends the question under way with this error; from here on nothing is sent. */
  stop(error: Error): void {
    this.#over ??= error
    this.#wait?.fail(error)
  }

  /** Sends a request and waits for one answer. Throws what the transport throws, or what `stop` was given. */
  async ask(request: Uint8Array, msMax: number, signal?: AbortSignal): Promise<Reply> {
    if (signal?.aborted === true) return { kind: 'silent' }
    const framer = new EnclosedFramer({ start: stx, end: cr, frameBytesMax: answerBytesMax, mask: sevenBits })
    return this.#exchange<Reply>(request, (settle) => {
      let cancel = this.#clock.after(msMax, () => settle({ kind: framer.inFrame ? 'cut' : 'silent' }))
      const abort = () => settle({ kind: 'silent' })
      signal?.addEventListener('abort', abort, { once: true })
      return {
        feed: (bytes) => {
          const [frame] = framer.push(bytes)
          if (frame !== undefined) settle(parseAnswer(frame, this.#stripParity))
          else if (framer.inFrame) {
            cancel()
            cancel = this.#clock.after(lineLimits.interByteMsMax, () => settle({ kind: 'cut' }))
          }
        },
        end: () => {
          cancel()
          signal?.removeEventListener('abort', abort)
        },
      }
    })
  }

  /**
   * Lets the scale echo a token of lower-case letters. True when it came back: then all that was said before has arrived,
   * and what comes next answers what is asked next. Echo mode is switched off again unless the line was stopped.
   */
  async echo(token: string, msMax: number = lineLimits.echoMsMax): Promise<boolean> {
    const request = Uint8Array.from([...requests.echoOn, ...bytesOf(token)])
    const echoed = await this.#exchange<boolean>(request, (settle) => {
      let tail = ''
      const cancel = this.#clock.after(msMax, () => settle(false))
      return {
        feed: (bytes) => {
          tail = (tail + String.fromCharCode(...bytes.map((byte) => byte & sevenBits))).slice(
            -4 * lineLimits.tokenCharsMax,
          )
          if (tail.includes(token)) settle(true)
        },
        end: cancel,
      }
    })
    if (echoed) await this.ask(requests.echoOff, lineLimits.interByteMsMax)
    // It may be in echo mode all the same: its answer was lost, or comes too late.
    else this.#transport.write(requests.echoOff).catch(() => {})
    return echoed
  }

  async #exchange<T>(
    request: Uint8Array,
    wait: (settle: (value: T) => void) => { feed: Wait['feed']; end: () => void },
  ): Promise<T> {
    if (this.#over !== undefined) throw this.#over
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const { feed, end } = wait(resolve)
    const current: Wait = { feed, fail: reject }
    this.#wait = current
    this.#transport.write(request).catch(reject)
    try {
      return await promise
    } finally {
      end()
      if (this.#wait === current) this.#wait = undefined
    }
  }
}

const bytesOf = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0))
