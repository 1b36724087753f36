/** Token buckets by name (a token, a source): so many are remembered, the one that came first is forgotten first. */
import type { Clock } from '../clock.ts'
import { TokenBucket } from './token-bucket.ts'

export class Rates {
  readonly #clock: Clock
  readonly #limits: { perSecond: number; burst: number; rememberedMax: number }
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(clock: Clock, limits: { perSecond: number; burst: number; rememberedMax: number }) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Takes one for this name; false when it has used up its rate. */
  take(name: string): boolean {
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      const { perSecond, burst, rememberedMax } = this.#limits
      const oldest = this.#buckets.size >= rememberedMax ? this.#buckets.keys().next().value : undefined
      if (oldest !== undefined) this.#buckets.delete(oldest)
      bucket = new TokenBucket(this.#clock, perSecond, burst)
      this.#buckets.set(name, bucket)
    }
    return bucket.take()
  }

  /** What was taken for this name shall not count. */
  giveBack(name: string): void {
    this.#buckets.get(name)?.giveBack()
  }
}
