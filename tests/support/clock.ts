/** A clock that stands still until it is moved, so that no test sleeps. */
import type { DriverClock } from '../../src/drivers/driver.ts'

interface Timer {
  at: number
  order: number
  callback: () => void
}

export class TestClock implements DriverClock {
  #elapsed = 0
  #order = 0
  readonly #timers = new Set<Timer>()
  readonly #startedAt: number

  constructor(startedAt = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.#startedAt = startedAt
  }

  now(): number {
    return this.#startedAt + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves time on, firing what falls due in order; lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms
    await settle()
    for (;;) {
      const due = [...this.#timers]
        .filter((timer) => timer.at <= until)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0]
      if (due === undefined) break
      this.#timers.delete(due)
      this.#elapsed = Math.max(this.#elapsed, due.at)
      due.callback()
      await settle()
    }
    this.#elapsed = until
    await settle()
  }
}

/** Lets what is ready to run, run: microtasks and one turn of the loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
