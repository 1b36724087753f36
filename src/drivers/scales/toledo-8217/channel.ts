/** What reading, zeroing and taring share: the line for one at a time, answers as measures, and the scale's health. */
import type { Weight } from '../../../protocol/device.ts'
import { HubError } from '../../../protocol/errors.ts'
import type { DriverContext, DriverFault } from '../../driver.ts'
import { decodeWeight, isMoreThan, requests, type ScaleStatus, type ScaleUnit } from './codec.ts'
import { Line, type Reply } from './line.ts'
import { type Toledo8217Settings, toledo8217Limits } from './settings.ts'

export type Context = DriverContext<Toledo8217Settings>

/** What the scale says when it is asked for its weight. */
export type Measure =
  | { kind: 'weight'; weight: Weight }
  | { kind: 'status'; status: ScaleStatus }
  | { kind: 'silent' }
  | { kind: 'invalid'; reason: string }

export class Channel {
  readonly context: Context
  readonly #line: Line
  readonly #halt = new AbortController()
  #last: Promise<unknown> = Promise.resolve()
  #stopReason = 'the scale was let go'
  #tokens = 0
  /** Until when an answer that was given up may still come in, by the monotonic clock; undefined when none is open. */
  #lateUntil: number | undefined
  #answeredAt = Number.NEGATIVE_INFINITY
  #misses = 0
  #garbled = 0
  #fault: DriverFault['code'] | undefined
  /** As the last weight had it. */
  #unit: ScaleUnit | undefined

  constructor(context: Context) {
    this.context = context
    const { transport, clock, settings } = context
    this.#line = new Line({ transport, clock, stripParity: settings.stripParity })
  }

  start(): void {
    this.#line.start()
    void this.context.transport.closed.then(({ reason }) => {
      this.#stopReason = reason
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

  /** The unit, from the settings or the last weight. */
  get unit(): ScaleUnit | undefined {
    const { unit } = this.context.settings
    return unit === 'auto' ? this.#unit : unit
  }

  /** When the scale last gave an answer in its language, by the monotonic clock. */
  get answeredAt(): number {
    return this.#answeredAt
  }

  get faulty(): boolean {
    return this.#fault !== undefined
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

  /** Waits, or less when stopped. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel()
        this.#halt.signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.context.clock.after(ms, done)
      this.#halt.signal.addEventListener('abort', done, { once: true })
      if (this.stopped) done()
    })
  }

  /** Asks for the weight now; within `exclusive` only. */
  async measure(msMax = this.context.settings.readMsMax, signal?: AbortSignal): Promise<Measure> {
    await this.resync()
    const { hiRes } = this.context.settings
    const reply = await this.command(hiRes ? requests.highResolution : requests.weight, msMax, signal)
    const measure = this.#measureOf(reply)
    if (measure.kind === 'silent') this.#noteMiss()
    else if (measure.kind === 'invalid') this.#noteGarbled(measure.reason)
    else this.#noteAnswer()
    return measure
  }

  /** Sends a command and waits for its answer; within `exclusive` only. Throws `port_closed` once stopped. */
  async command(request: Uint8Array, msMax: number, signal?: AbortSignal): Promise<Reply> {
    const reply = await this.#line.ask(request, msMax, signal)
    if (this.stopped) throw this.closedError()
    // Whatever was not answered in order may be answered later: then it must not pass for the next answer.
    const inOrder = reply.kind === 'weight' || reply.kind === 'status' || reply.kind === 'invalid'
    this.#lateUntil = inOrder ? undefined : this.context.clock.monotonic() + this.context.settings.readMsMax
    return reply
  }

  /**
   * After a lost answer: makes sure that it cannot come in as the answer to the next question. Echo mode proves it at once;
   * without it the line is left alone for as long as an answer may take.
   */
  async resync(): Promise<void> {
    if (this.#lateUntil === undefined) return
    if (this.context.settings.echo && (await this.#line.echo(this.#nextToken()))) {
      this.#lateUntil = undefined
      return
    }
    const left = this.#lateUntil - this.context.clock.monotonic()
    if (left > 0) await this.pause(left)
    if (this.stopped) throw this.closedError()
    this.#lateUntil = undefined
  }

  closedError(): HubError {
    const { transport } = this.context
    return new HubError('port_closed', { port: transport.port, reason: this.#stopReason })
  }

  /** A fault that the device shows, as an error of a request. */
  statusError(status: ScaleStatus): HubError {
    if (status.over) return new HubError('scale_over')
    if (status.under) return new HubError('scale_under')
    if (status.motion) return new HubError('scale_motion')
    if (status.outsideZeroCapture) return new HubError('scale_not_zeroed')
    return this.invalidError('a status without a weight and without a fault')
  }

  timeoutError(): HubError {
    return new HubError('answer_timeout', {
      device: this.context.device,
      ms: this.context.settings.readMsMax,
    })
  }

  invalidError(reason: string): HubError {
    return new HubError('answer_invalid', { device: this.context.device, reason })
  }

  #measureOf(reply: Reply): Measure {
    const { settings, clock } = this.context
    switch (reply.kind) {
      case 'weight': {
        const decoded = decodeWeight(reply, settings)
        if ('reason' in decoded) return { kind: 'invalid', reason: decoded.reason }
        if (settings.capacity !== undefined && isMoreThan(decoded.weight, settings.capacity)) {
          return { kind: 'status', status: { ...noStatus, over: true, net: reply.net } }
        }
        this.#tellUnit(decoded.unit, decoded.weight)
        const at = new Date(clock.now()).toISOString()
        // The language has no way to send a weight in motion: it sends the status instead.
        return { kind: 'weight', weight: { ...decoded, stable: true, tare: reply.net, at } }
      }
      case 'status':
        return reply
      case 'silent':
        return reply
      case 'cut':
        return { kind: 'invalid', reason: 'the answer has no end' }
      case 'taken':
        return { kind: 'invalid', reason: 'the answer is to another question' }
      case 'invalid':
        return reply
    }
  }

  #tellUnit(unit: ScaleUnit, weight: string): void {
    if (unit === this.#unit) return
    this.#unit = unit
    this.context.listener.details({ unit, decimals: (weight.split('.')[1] ?? '').length })
  }

  /** Lower-case letters are no commands, should the scale not be in echo mode. */
  #nextToken(): string {
    const number = this.#tokens++ % 26 ** 2
    const letter = (value: number) => String.fromCharCode(0x61 + value)
    return `tb${letter(Math.floor(number / 26))}${letter(number % 26)}`
  }

  #noteAnswer(): void {
    this.#misses = 0
    this.#garbled = 0
    this.#answeredAt = this.context.clock.monotonic()
    this.#setFault(undefined)
  }

  #noteMiss(): void {
    this.#misses++
    if (this.#misses >= toledo8217Limits.missesMax) this.#setFault('not_responding')
  }

  #noteGarbled(reason: string): void {
    this.#garbled++
    this.context.log.debug(
      { device: this.context.device, reason },
      'an answer of the scale could not be read',
    )
    if (this.#garbled >= toledo8217Limits.garbledMax) this.#setFault('scale_error')
  }

  #setFault(code: DriverFault['code'] | undefined): void {
    if (code === this.#fault) return
    this.#fault = code
    this.context.listener.faults(
      code === undefined ? [] : [{ code, blocking: true, message: faultMessages[code] ?? code }],
    )
  }
}

const noStatus: ScaleStatus = {
  motion: false,
  over: false,
  under: false,
  outsideZeroCapture: false,
  centreOfZero: false,
  net: false,
}

const faultMessages: Partial<Record<DriverFault['code'], string>> = {
  not_responding:
    'The scale does not answer. Check its power and cable, and that its interface is set to 8217.',
  scale_error:
    'The scale answers in another language. Check the speed and format of the port (9600 7E1) and the interface of the scale (8217).',
}
