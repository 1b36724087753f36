/** What reading, zeroing and taring share: the line for one at a time, lost answers out of the way, and the scale's health. */
import { HubError } from '../../../protocol/errors.ts'
import type { DriverContext, DriverFault, WeighRequest } from '../../driver.ts'
import { type Ear, Line, type Reply } from './line.ts'
import { errorOfStatus, type Measure, type ScaleStatus, statusOf } from './measure.ts'
import { type ScaleSettings, scaleLimits } from './settings.ts'
import { decimalsOf, isMoreThan, isNegative } from './weights.ts'

/** A turn on the line with a time limit; what a language speaks through. */
export interface Talk<A extends { kind: string }> {
  /** What is left of the turn, in ms; never negative. */
  readonly msLeft: number
  /** Sends a request and waits for an answer that begins after it, `msMax` or what is left of the turn. */
  ask<T extends { kind: string } = A>(
    request: Uint8Array,
    options?: { msMax?: number; ear?: Ear<T> },
  ): Promise<Reply<T>>
  /** Sends nothing and waits for the next frame that begins after now: for scales that send all the time. */
  hear(options?: { latencyMs?: number }): Promise<Reply<A>>
  /** Sends without waiting. */
  send(bytes: Uint8Array): void
  /** Waits, no longer than what is left of the turn. Throws `port_closed` once stopped. */
  pause(ms: number): Promise<void>
}

/** One scale language, for one open device. `A`: its answers as values. */
export interface ScaleLanguage<A extends { kind: string }> {
  readonly ear: Ear<A>
  /** One weighing: one exchange or several, within the turn. Never throws for what the scale says. */
  weigh(talk: Talk<A>, request: WeighRequest): Promise<Measure>
  /**
   * After a lost answer: true when it is sure that it cannot come in any more, because the scale answered a question whose
   * answer looks like no other. Without it, or when it fails, the line is left alone for `readMsMax`, and the first answer
   * after that is only taken as a sign of life.
   */
  prove?(talk: Talk<A>): Promise<boolean>
  /** Each proof has an answer of its own, so that the late one of an earlier proof cannot pass for it. */
  readonly proofsDiffer?: boolean
  /**
   * What else happens after a lost answer that is not proved gone. `doubted` (default): the first answer after the pause is
   * only a sign of life, and the question is asked again. `quiet`: the pause alone, where asking twice has a meaning.
   * `impossible`: nothing, where no answer can be taken for a later one (it counts, or the scale just talks).
   */
  readonly lateAnswers?: 'doubted' | 'quiet' | 'impossible'
  /** Every frame before a question gets it; true: it was not for a question. See `LineOptions`. */
  overhear?(frame: Uint8Array): boolean
  /** Shortest time between two questions, in ms; default `askGapMsMin`. */
  readonly askGapMs?: number
  /** Shortest time between two questions of the live view, in ms, for scales that beep when asked; default none. */
  readonly watchGapMs?: number
  /** The scale keeps silent for reasons of its own, so that silence is no fault. A read is an error all the same. */
  readonly silenceIsUsual?: boolean
  /** For people, what to check: the name of the interface and its usual line, "8217, 9600 7E1". */
  readonly interfaceName: string
}

export class ScaleChannel<A extends { kind: string }, S extends ScaleSettings = ScaleSettings> {
  readonly context: DriverContext<S>
  readonly language: ScaleLanguage<A>
  readonly #line: Line<A>
  readonly #halt = new AbortController()
  #last: Promise<unknown> = Promise.resolve()
  #stopReason = 'the scale was let go'
  /** Until when an answer that was given up may still come in, by the monotonic clock; undefined when none is open. */
  #lateUntil: number | undefined
  /** An answer was lost, and nothing has proved since that it cannot come any more. */
  #doubtful = false
  #proving = false
  /** A proof was lost: its answer, come late, would prove nothing and look the same. */
  #proofLost = false
  #heardAt = Number.NEGATIVE_INFINITY
  #answeredAt = Number.NEGATIVE_INFINITY
  #misses = 0
  #garbled = 0
  #fault: DriverFault | undefined
  #unit: string | undefined

  constructor(context: DriverContext<S>, language: ScaleLanguage<A>) {
    this.context = context
    this.language = language
    const { transport, clock } = context
    const overhear = language.overhear?.bind(language)
    this.#line = new Line({ transport, clock, ear: language.ear, overhear })
  }

  start(): void {
    this.#line.start()
    void this.context.transport.closed.then(({ reason }) => {
      if (!this.stopped) this.#stopReason = reason
      this.stop()
    })
  }

  /** Ends the question and the pause under way; nothing is sent from here on. */
  stop(): void {
    this.#line.stop(this.closedError())
    this.#halt.abort()
  }

  get stopped(): boolean {
    return this.#halt.signal.aborted
  }

  /** When the scale last gave an answer in its language, by the monotonic clock. */
  get answeredAt(): number {
    return this.#answeredAt
  }

  /** When the scale last said anything to a question, by the monotonic clock. */
  get heardAt(): number {
    return this.#heardAt
  }

  /** The unit of the last weight. */
  get unit(): string | undefined {
    return this.#unit
  }

  /** True when the last question was not answered. */
  get isSilent(): boolean {
    return this.#misses > 0
  }

  /** True when an answer was lost and may still be taken for that of the next question; a measure settles it. */
  get isDoubtful(): boolean {
    return this.#doubtful || (this.#lateUntil ?? 0) > this.context.clock.monotonic()
  }

  get askGapMs(): number {
    return this.language.askGapMs ?? scaleLimits.askGapMsMin
  }

  /** Runs one piece of work after another: the line has one writer. Throws `port_closed` once stopped. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await before
    try {
      if (this.stopped) throw this.closedError()
      return await work()
    } finally {
      resolve()
    }
  }

  /** Waits, or less when stopped or when the signal aborts. */
  pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel()
        this.#halt.signal.removeEventListener('abort', done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.context.clock.after(ms, done)
      this.#halt.signal.addEventListener('abort', done, { once: true })
      signal?.addEventListener('abort', done, { once: true })
      if (this.stopped || signal?.aborted === true) done()
    })
  }

  /** A turn on the line; within `exclusive` only. An abort of `signal` ends its questions as silence. */
  turn(msMax: number = this.context.settings.readMsMax, signal?: AbortSignal): Talk<A> {
    const { clock, settings } = this.context
    const until = clock.monotonic() + msMax
    const left = () => Math.max(0, until - clock.monotonic())
    const note = (kind: string, sentAt: number): void => {
      if (this.stopped) throw this.closedError()
      if (kind !== 'silent') this.#heardAt = clock.monotonic()
      if (this.#proving || this.language.lateAnswers === 'impossible') return
      // Whatever was not answered in order may be answered later: then it must not pass for the next answer.
      const lost = kind === 'silent' || kind === 'cut'
      // A question that had little time counts from when it was sent, as all do.
      const { readMsMax } = settings
      this.#lateUntil = lost ? Math.max(sentAt + 2 * readMsMax, clock.monotonic() + readMsMax) : undefined
      if (lost && this.language.lateAnswers !== 'quiet') this.#doubtful = true
    }
    return {
      get msLeft() {
        return left()
      },
      ask: async (request, options = {}) => {
        const ms = Math.min(options.msMax ?? Number.POSITIVE_INFINITY, left())
        if (this.stopped) throw this.closedError()
        if (ms <= 0) return { kind: 'silent' }
        const { ear } = options
        const sentAt = clock.monotonic()
        const reply = await this.#line.ask(request, {
          msMax: ms,
          signal,
          ...(ear === undefined ? {} : { ear }),
        })
        note(reply.kind, sentAt)
        return reply
      },
      hear: async ({ latencyMs = 0 } = {}) => {
        const reply = await this.#line.hear({ msMax: left(), signal, latencyMs })
        if (this.stopped) throw this.closedError()
        if (reply.kind !== 'silent') this.#heardAt = clock.monotonic()
        return reply
      },
      send: (bytes) => this.#line.send(bytes),
      pause: async (ms) => {
        await this.pause(Math.min(ms, left()), signal)
        if (this.stopped) throw this.closedError()
      },
    }
  }

  /** Asks for the weight now; within `exclusive` only. `msMax` is for everything, lost answers included. */
  async measure(
    options: { msMax?: number; signal?: AbortSignal | undefined; request?: WeighRequest | undefined } = {},
  ): Promise<Measure> {
    const talk = this.turn(options.msMax, options.signal)
    if (!(await this.resync(talk))) return { kind: 'silent' }
    const doubted = this.#doubtful
    let measure = await this.#weigh(talk, options.request ?? {})
    // What cannot be read may be the late answer to a proof: then the answer to this question is still to come.
    if (this.#proofLost && measure.kind === 'invalid')
      this.#lateUntil = this.context.clock.monotonic() + 2 * this.context.settings.readMsMax
    if (doubted && measure.kind !== 'silent' && measure.kind !== 'invalid') {
      // It may be the answer that was lost, later than anybody waits. The next one cannot be.
      this.#doubtful = false
      await talk.pause(this.askGapMs)
      measure = talk.msLeft > 0 ? await this.#weigh(talk, options.request ?? {}) : { kind: 'silent' }
      if (measure.kind !== 'silent') this.#proofLost = false
    }
    this.#note(measure)
    return measure
  }

  /** Makes sure that a lost answer cannot come in as the answer to the next question; false when the turn is over before. */
  async resync(talk: Talk<A>): Promise<boolean> {
    if (this.#lateUntil === undefined) return true
    if (this.language.prove !== undefined && !this.#proofLost) {
      this.#proving = true
      try {
        if (await this.language.prove(talk)) {
          this.#lateUntil = undefined
          this.#doubtful = false
          return true
        }
        this.#proofLost = this.language.proofsDiffer !== true
      } finally {
        this.#proving = false
      }
    }
    const left = this.#lateUntil - this.context.clock.monotonic()
    if (left > 0) await talk.pause(left)
    if (this.context.clock.monotonic() < this.#lateUntil) return false
    this.#lateUntil = undefined
    return talk.msLeft > 0
  }

  closedError(): HubError {
    const { transport } = this.context
    return new HubError('port_closed', { port: transport.port, reason: this.#stopReason })
  }

  statusError(status: ScaleStatus): HubError {
    return (
      errorOfStatus(status, this.context.device) ??
      this.invalidError('a status without a weight and without a fault')
    )
  }

  timeoutError(): HubError {
    const { device, settings } = this.context
    return new HubError('answer_timeout', { device, ms: settings.readMsMax })
  }

  invalidError(reason: string): HubError {
    return new HubError('answer_invalid', { device: this.context.device, reason })
  }

  async #weigh(talk: Talk<A>, request: WeighRequest): Promise<Measure> {
    const measure = await this.language.weigh(talk, request)
    if (this.stopped) throw this.closedError()
    if (measure.kind !== 'weight') return measure
    const { weight, tare, unit } = measure.weight
    const { capacity } = this.context.settings
    if (isNegative(weight)) return statusOf({ under: true, net: tare })
    if (capacity !== undefined && isMoreThan(weight, capacity)) return statusOf({ over: true, net: tare })
    if (unit !== this.#unit) {
      this.#unit = unit
      this.context.listener.details({ unit, decimals: decimalsOf(weight) })
    }
    return measure
  }

  #note(measure: Measure): void {
    const { device, log } = this.context
    const { interfaceName } = this.language
    if (measure.kind === 'silent') {
      this.#misses++
      if (this.#misses >= scaleLimits.missesMax && this.language.silenceIsUsual !== true)
        this.#setFault(
          'not_responding',
          `The scale does not answer. Check its power and cable, and that its interface is set to ${interfaceName}.`,
        )
      return
    }
    this.#misses = 0
    if (measure.kind === 'invalid') {
      this.#garbled++
      log.debug({ device, reason: measure.reason }, 'an answer of the scale could not be read')
      if (this.#garbled >= scaleLimits.garbledMax)
        this.#setFault(
          'scale_error',
          `The scale answers in another language. Check the port and the interface of the scale: ${interfaceName}.`,
        )
      return
    }
    this.#garbled = 0
    this.#answeredAt = this.context.clock.monotonic()
    const trouble = measure.kind === 'status' ? measure.status.trouble : undefined
    if (trouble === undefined) this.#setFault(undefined, '')
    else this.#setFault('scale_error', `The scale reports: ${trouble}. Have it serviced.`)
  }

  #setFault(code: DriverFault['code'] | undefined, message: string): void {
    if (code === this.#fault?.code && (code === undefined || message === this.#fault?.message)) return
    this.#fault = code === undefined ? undefined : { code, blocking: true, message }
    this.context.listener.faults(this.#fault === undefined ? [] : [this.#fault])
  }
}
