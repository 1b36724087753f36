/** One alarm on the clock handed in: set anew it forgets what it was set for. */
import type { TillTools } from '../parts.ts'
import { outboxLimits } from './outbox-limits.ts'

export class Alarm {
  readonly #clock: TillTools['clock']
  readonly #ring: () => void
  #cancel: (() => void) | undefined
  #rangFor = 0

  constructor(clock: TillTools['clock'], ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  get isSet(): boolean {
    return this.#cancel !== undefined
  }

  /** The time that it rang for last, ms since 1970; 0 when it has not rung since it was set or cleared. */
  get rangFor(): number {
    return this.#rangFor
  }

  /** `at` in ms since 1970. It rings no later than the longest wait from now: the clock may have been put back. */
  set(at: number): void {
    this.clear()
    const ms = Math.min(Math.max(at - this.#clock.now(), 0), outboxLimits.retryAfterMsMax)
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = undefined
      this.#rangFor = at
      this.#ring()
    })
  }

  clear(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#rangFor = 0
  }
}
