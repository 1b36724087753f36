/** Fresh weights out of the stream: every reader gets a report that came after he asked. And the live view. */
import type { Weight } from '../../../protocol/device.ts'
import { HubError } from '../../../protocol/errors.ts'
import type { ScaleReading } from './codec.ts'
import type { FeedReport, ReportFeed } from './feed.ts'

export class WeightReader {
  readonly #feed: ReportFeed
  #shown: string | undefined
  #unit: string | undefined

  constructor(feed: ReportFeed) {
    this.#feed = feed
  }

  /**
   * Waits for a report, and on while the load moves. Throws `answer_timeout` as soon as the scale says nothing for
   * `readMsMax`, `answer_invalid` when no report in that time can be read.
   */
  async read(): Promise<Weight> {
    const feed = this.#feed
    const { clock, settings } = feed.context
    const motionUntil = clock.monotonic() + settings.motionMsMax
    let answerUntil = clock.monotonic() + settings.readMsMax
    let reason: string | undefined
    for (;;) {
      const stale = feed.isStale()
      const left = answerUntil - clock.monotonic()
      const report = left > 0 ? await feed.next(left) : 'silent'
      if (report === 'silent') throw reason === undefined ? feed.timeoutError() : feed.invalidError(reason)
      if (report.kind === 'invalid') {
        reason = report.reason
        continue
      }
      if (stale) continue
      // A load that still moves may swing over the capacity or under zero: only its rest decides.
      if (report.reading.state === 'motion' && clock.monotonic() < motionUntil) {
        answerUntil = clock.monotonic() + settings.readMsMax
        reason = undefined
        continue
      }
      return this.#judge(report.reading)
    }
  }

  watch(on: boolean): void {
    this.#shown = undefined
    this.#feed.onReport = on ? (report) => this.#show(report) : undefined
  }

  /** The weight at rest, or the error that the state stands for. */
  #judge({ state, shown }: ScaleReading): Weight {
    const { device } = this.#feed.context
    switch (state) {
      case 'motion':
        throw new HubError('scale_motion')
      case 'over':
        throw new HubError('scale_over')
      case 'under':
        throw new HubError('scale_under')
      case 'rezero':
        throw new HubError('scale_not_zeroed')
      case 'fault':
      case 'calibration':
        throw new HubError('device_faulty', { device, fault: 'scale_error' })
      default: {
        if ('reason' in shown) throw this.#feed.invalidError(shown.reason)
        const weight = this.#weightOf(state, shown)
        this.#tellUnit(weight)
        return weight
      }
    }
  }

  #weightOf(state: ScaleReading['state'], shown: Pick<Weight, 'weight' | 'unit'>): Weight {
    return {
      ...shown,
      stable: state === 'zero' || state === 'stable',
      // The language has no tare and does not tell one that was taken with the scale's own key.
      tare: false,
      zero: state === 'zero',
      at: new Date(this.#feed.context.clock.now()).toISOString(),
    }
  }

  /** Tells the live view of a change; also a weight that moves or is below zero, as not stable. */
  #show(report: FeedReport): void {
    if (report.kind !== 'reading') return
    const { state, shown } = report.reading
    if ('reason' in shown || !liveStates.has(state)) return
    const weight = this.#weightOf(state, shown)
    const text = `${weight.weight} ${weight.unit} ${weight.stable} ${weight.zero}`
    if (text === this.#shown) return
    this.#shown = text
    this.#feed.context.listener.weight(weight)
  }

  #tellUnit({ weight, unit }: Weight): void {
    const decimals = (weight.split('.')[1] ?? '').length
    const text = `${unit} ${decimals}`
    if (text === this.#unit) return
    this.#unit = text
    this.#feed.context.listener.details({ unit, decimals })
  }
}

const liveStates: ReadonlySet<ScaleReading['state']> = new Set(['zero', 'stable', 'motion', 'under'])
