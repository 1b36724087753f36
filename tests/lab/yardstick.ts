/** How slow the guest is at the moment: an emulated machine on a busy host must not be taken for a slow hub. */
import { setInterval } from 'node:timers'

const everyMs = 500
const warmRuns = 40
const rounds = 60_000
/** A moment alone is too few samples. */
const windowMs = 10_000
/** What the work below takes in the guest on a host that does nothing else, measured on one machine: 2 cores, TCG. */
const aloneMs = 1.5
/** Slower than this it is not the host alone. */
const slownessMax = 5

export class Yardstick {
  readonly #samples: { at: number; ms: number }[] = []
  #sink = 0

  /** Measures from now on, without keeping the process alive. */
  start(): void {
    // Once Node has compiled the loop.
    for (let warm = 0; warm < warmRuns; warm++) this.#measure()
    this.#samples.length = 0
    setInterval(() => this.#measure(), everyMs).unref()
  }

  /** 1 for a guest that has the host for itself; 2 for one that takes twice as long. The mean since a moment, at most 5. */
  slowness(since: number): number {
    const recent = this.#samples.filter(({ at }) => at >= since - windowMs)
    const sum = recent.reduce((total, { ms }) => total + ms, 0)
    return Math.min(slownessMax, Math.max(1, recent.length === 0 ? 1 : sum / recent.length / aloneMs))
  }

  /** The quickest so far, in ms, to be compared with `aloneMs`. */
  get best(): number {
    return Math.min(...this.#samples.map(({ ms }) => ms))
  }

  #measure(): void {
    const begun = performance.now()
    for (let round = 0; round < rounds; round++) this.#sink = (this.#sink * 31 + round) >>> 0
    this.#samples.push({ at: begun, ms: performance.now() - begun })
  }
}
