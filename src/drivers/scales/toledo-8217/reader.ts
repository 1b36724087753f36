/** Fresh weights: every reader gets an answer to a question that was asked after he came. And the live view. */
import type { Weight } from '../../../protocol/device.ts'
import type { Channel, Measure } from './channel.ts'
import { toledo8217Limits } from './settings.ts'

interface Reader {
  resolve: (weight: Weight) => void
  reject: (error: unknown) => void
  /** Until when the load may move, by the monotonic clock. */
  motionUntil: number
  /** Until when an answer that can be read must have come; set by the first question. */
  answerUntil: number | undefined
}

export class WeightReader {
  readonly #channel: Channel
  #readers: Reader[] = []
  #running = false
  #watching = false
  /** Tells the polls of an earlier watch that they are over. */
  #watch = 0
  #cancelWatch: () => void = () => {}
  #shown: string | undefined

  constructor(channel: Channel) {
    this.#channel = channel
  }

  /** Asks the scale now. Those who wait at the moment a question is sent share its answer; later ones wait for the next. */
  read(): Promise<Weight> {
    const { clock, settings } = this.#channel.context
    const { promise, resolve, reject } = Promise.withResolvers<Weight>()
    const motionUntil = clock.monotonic() + settings.motionMsMax
    this.#readers.push({ resolve, reject, motionUntil, answerUntil: undefined })
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
        await this.#channel.exclusive(() => this.#askForAll())
        if (this.#readers.some((reader) => reader.answerUntil !== undefined)) {
          await this.#channel.pause(toledo8217Limits.askGapMsMin)
        }
      }
    } catch (error) {
      this.#settle(this.#readers, (reader) => reader.reject(error))
    } finally {
      this.#running = false
    }
  }

  /** One question, for everybody who has come before it leaves. */
  async #askForAll(): Promise<void> {
    const { clock, settings } = this.#channel.context
    await this.#channel.resync()
    const asking = [...this.#readers]
    const now = clock.monotonic()
    for (const reader of asking) reader.answerUntil ??= now + settings.readMsMax
    const firstDeadline = Math.min(...asking.map((reader) => reader.answerUntil ?? now))
    const measure = await this.#channel.measure(Math.max(1, firstDeadline - now))
    this.#show(measure)
    this.#answer(asking, measure)
  }

  #answer(asking: readonly Reader[], measure: Measure): void {
    const again = this.#channel.context.clock.monotonic() + toledo8217Limits.askGapMsMin
    switch (measure.kind) {
      case 'weight':
        this.#settle(asking, (reader) => reader.resolve(measure.weight))
        return
      case 'silent':
        this.#settle(asking, (reader) => reader.reject(this.#channel.timeoutError()))
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
        for (const reader of moving) reader.answerUntil = again + this.#channel.context.settings.readMsMax
        const ended = asking.filter((reader) => !moving.includes(reader))
        this.#settle(ended, (reader) => reader.reject(this.#channel.statusError(measure.status)))
        return
      }
    }
  }

  #settle(readers: readonly Reader[], tell: (reader: Reader) => void): void {
    this.#readers = this.#readers.filter((reader) => !readers.includes(reader))
    for (const reader of readers) tell(reader)
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
    this.#cancelWatch = clock.after(settings.watchMs, () => void this.#poll(watch))
  }

  /** Tells the live view of a change. */
  #show(measure: Measure): void {
    if (!this.#watching || measure.kind !== 'weight') return
    const { weight, unit, tare } = measure.weight
    const shown = `${weight} ${unit} ${tare}`
    if (shown === this.#shown) return
    this.#shown = shown
    this.#channel.context.listener.weight(measure.weight)
  }
}
