/** Fresh weights: every reader gets an answer to a question that was asked after he came. And the live view. */
import type { Weight } from '../../../protocol/device.ts'
import type { WeighRequest } from '../../driver.ts'
import type { ScaleChannel } from './channel.ts'
import type { Measure } from './measure.ts'
import type { ScaleSettings } from './settings.ts'
import { shownOf } from './weights.ts'

interface Reader {
  request: WeighRequest
  resolve: (weight: Weight) => void
  reject: (error: unknown) => void
  cameAt: number
  /** Until when the load may move, by the monotonic clock. */
  motionUntil: number
  /** Until when an answer that can be read must have come; set when the line was free for the first time. */
  answerUntil: number | undefined
  cancelLook: () => void
}

export class WeightReader<A extends { kind: string }, S extends ScaleSettings> {
  readonly #channel: ScaleChannel<A, S>
  #readers: Reader[] = []
  #running = false
  #watching = false
  /** Tells the polls of an earlier watch that they are over. */
  #watch = 0
  #cancelWatch: () => void = () => {}
  #shown: string | undefined

  constructor(channel: ScaleChannel<A, S>) {
    this.#channel = channel
  }

  /**
   * Asks the scale now. Those who wait at the moment a question is sent, with the same price, share its answer; later ones
   * wait for the next.
   */
  read(request: WeighRequest = {}): Promise<Weight> {
    const { clock, settings } = this.#channel.context
    const { promise, resolve, reject } = Promise.withResolvers<Weight>()
    const cameAt = clock.monotonic()
    const motionUntil = cameAt + settings.motionMsMax
    const reader: Reader = {
      request,
      resolve,
      reject,
      cameAt,
      motionUntil,
      answerUntil: undefined,
      cancelLook: () => {},
    }
    this.#readers.push(reader)
    this.#lookAfter(reader, settings.readMsMax)
    if (!this.#running) void this.#run()
    return promise
  }

  watch(on: boolean): void {
    if (on === this.#watching) return
    this.#watching = on
    this.#watch++
    this.#shown = undefined
    this.#cancelWatch()
    this.#cancelWatch = () => {}
    if (on) void this.#poll(this.#watch)
  }

  /** Rejects those who wait. */
  stop(): void {
    this.watch(false)
    this.#settle(this.#readers, (reader) => reader.reject(this.#channel.closedError()))
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      while (this.#readers.length > 0) {
        const wait = await this.#channel.exclusive(() => this.#askForSome())
        if (wait && this.#readers.length > 0) await this.#channel.pause(this.#channel.askGapMs)
      }
    } catch (error) {
      this.#settle(this.#readers, (reader) => reader.reject(error))
    } finally {
      this.#running = false
    }
  }

  /** One question, for everybody who waits with the price of the first. True when somebody has to ask again. */
  async #askForSome(): Promise<boolean> {
    const { clock } = this.#channel.context
    const now = clock.monotonic()
    for (const reader of this.#readers) reader.answerUntil ??= this.#answerUntil(reader, now)
    const over = this.#readers.filter(({ answerUntil = 0 }) => answerUntil <= now)
    this.#settle(over, (reader) => reader.reject(this.#channel.timeoutError()))
    const [first] = this.#readers
    if (first === undefined) return false
    const isSame = (reader: Reader) => reader.request.unitPrice === first.request.unitPrice
    const ofPrice = this.#readers.filter(isSame)
    const until = Math.min(...ofPrice.map(({ answerUntil = 0 }) => answerUntil))
    // What is lost has to be out of the way first; who comes meanwhile is in time for the question.
    if (this.#channel.isDoubtful && !(await this.#channel.resync(this.#channel.turn(until - now)))) {
      this.#settle(ofPrice, (reader) => reader.reject(this.#channel.timeoutError()))
      return false
    }
    const asking = this.#readers.filter(isSame)
    for (const reader of asking) reader.answerUntil ??= this.#answerUntil(reader, now)
    const msMax = Math.max(1, until - clock.monotonic())
    const measure = await this.#channel.measure({ msMax, request: first.request })
    this.#show(measure)
    this.#answer(asking, measure)
    const again = this.#readers.filter((reader) => asking.includes(reader))
    // Who waits with another price is asked for first.
    this.#readers = [...this.#readers.filter((reader) => !again.includes(reader)), ...again]
    return again.length > 0
  }

  /** A reader who waits behind other work (a zero, a tare) hears of it when the scale falls silent there. */
  #lookAfter(reader: Reader, ms: number): void {
    const { clock, settings } = this.#channel.context
    reader.cancelLook = clock.after(ms, () => {
      if (reader.answerUntil !== undefined) return
      const quietMs = clock.monotonic() - this.#channel.heardAt
      if (quietMs < settings.readMsMax) this.#lookAfter(reader, settings.readMsMax - quietMs)
      else this.#settle([reader], () => reader.reject(this.#channel.timeoutError()))
    })
  }

  /** Of a scale that is silent, nobody waits longer than `readMsMax` after he came; behind other work the time starts now. */
  #answerUntil(reader: Reader, now: number): number {
    const { readMsMax } = this.#channel.context.settings
    return (this.#channel.isSilent ? reader.cameAt : now) + readMsMax
  }

  #answer(asking: readonly Reader[], measure: Measure): void {
    const { clock, settings } = this.#channel.context
    const again = clock.monotonic() + this.#channel.askGapMs
    switch (measure.kind) {
      case 'weight':
        this.#settle(asking, (reader) => reader.resolve(measure.weight))
        return
      case 'silent':
        this.#settle(asking, (reader) => reader.reject(this.#channel.timeoutError()))
        return
      case 'refused':
        this.#settle(asking, (reader) => reader.reject(measure.error))
        return
      case 'invalid': {
        // Noise on the line: ask once more while there is time.
        const late = asking.filter((reader) => again > (reader.answerUntil ?? 0))
        this.#settle(late, (reader) => reader.reject(this.#channel.invalidError(measure.reason)))
        return
      }
      case 'status': {
        // A load that still moves may swing over the capacity or under zero: only its rest decides.
        const moving = asking.filter((reader) => measure.status.motion && again <= reader.motionUntil)
        // It moves for those with another price, too.
        const known = this.#readers.filter(({ answerUntil }) => answerUntil !== undefined)
        if (moving.length > 0) for (const reader of known) reader.answerUntil = again + settings.readMsMax
        const ended = asking.filter((reader) => !moving.includes(reader))
        this.#settle(ended, (reader) => reader.reject(this.#channel.statusError(measure.status)))
        return
      }
    }
  }

  #settle(readers: readonly Reader[], tell: (reader: Reader) => void): void {
    this.#readers = this.#readers.filter((reader) => !readers.includes(reader))
    for (const reader of readers) {
      reader.cancelLook()
      tell(reader)
    }
  }

  async #poll(watch: number): Promise<void> {
    const { clock, settings, log, device } = this.#channel.context
    try {
      const measure = await this.#channel.exclusive(() => this.#channel.measure())
      if (watch !== this.#watch) return
      this.#show(measure)
    } catch (error) {
      if (!this.#channel.stopped)
        log.warn({ device, error: String(error) }, 'the live view of the scale failed')
      return
    }
    const gapMs = Math.max(settings.watchMs, this.#channel.language.watchGapMs ?? 0)
    this.#cancelWatch = clock.after(gapMs, () => void this.#poll(watch))
  }

  /** Tells the live view of a change. */
  #show(measure: Measure): void {
    if (!this.#watching || measure.kind !== 'weight') return
    const shown = shownOf(measure.weight)
    if (shown === this.#shown) return
    this.#shown = shown
    this.#channel.context.listener.weight(measure.weight)
  }
}
