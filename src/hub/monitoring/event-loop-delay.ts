/**
 * How late the event loop is, as a histogram that only rises: unlike the quantiles that Node's own figures begin anew with each
 * reading, it may be read by several, and be added up over many hubs.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Metric } from 'prom-client'

export const delayLimits = {
  /** How often the loop is looked at, in ms: 50 times a second costs no box anything to speak of. */
  resolutionMs: 20,
  /** Upper ends of the buckets, in s. */
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
} as const

const name = 'tillbridge_event_loop_delay_seconds'

type LoopHistogram = ReturnType<typeof monitorEventLoopDelay>
type Counted = Pick<LoopHistogram, 'count' | 'percentile' | 'mean'>

export class EventLoopDelay {
  readonly #histogram: LoopHistogram

  constructor() {
    this.#histogram = monitorEventLoopDelay({ resolution: delayLimits.resolutionMs })
    this.#histogram.enable()
  }

  stop(): void {
    this.#histogram.disable()
  }

  /** In the shape that the library asks of its own. */
  get metric(): Metric {
    const about = {
      name,
      help: 'How late the event loop was when it was looked at',
      type: 'histogram',
      aggregator: 'sum',
    } as const
    const get = () => Promise.resolve({ ...about, values: delaySamples(this.#histogram) })
    return { ...about, get, collect() {}, reset() {} } as unknown as Metric
  }
}

/** Buckets, sum and count. What is measured is from one look to the next: the wait that was meant is taken off. */
export function delaySamples(histogram: Counted): { metricName: string; labels: object; value: number }[] {
  const { count } = histogram
  let rank = 0
  const samples = delayLimits.buckets.map((bound) => {
    const ns = (bound * 1_000 + delayLimits.resolutionMs) * 1e6
    rank = rankOf(histogram, ns, rank)
    return { metricName: `${name}_bucket`, labels: { le: bound }, value: rank }
  })
  const meant = delayLimits.resolutionMs / 1_000
  const sum = count === 0 ? 0 : Math.max(0, (histogram.mean / 1e9 - meant) * count)
  return [
    ...samples,
    { metricName: `${name}_bucket`, labels: { le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: count },
  ]
}

/** How many were at most `ns`: the histogram tells the value of a rank, so the rank is looked for by halving. */
function rankOf(histogram: Counted, ns: number, from: number): number {
  const { count } = histogram
  let [known, beyond] = [from, count + 1]
  while (beyond - known > 1) {
    const middle = Math.floor((known + beyond) / 2)
    if (histogram.percentile((middle / count) * 100) <= ns) known = middle
    else beyond = middle
  }
  return known
}
