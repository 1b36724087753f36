/** Tells when a line has been quiet for a while: the end of a frame from a device that marks none. */

/** The part of a clock that it needs. */
export interface GapClock {
  monotonic(): number
  after(ms: number, callback: () => void): () => void
}

export class IdleGap {
  readonly #clock: GapClock
  readonly #gapMs: number
  readonly #onQuiet: () => void
  #touchedAt = 0
  #cancel: (() => void) | undefined

  constructor(clock: GapClock, gapMs: number, onQuiet: () => void) {
    this.#clock = clock
    this.#gapMs = gapMs
    this.#onQuiet = onQuiet
  }

  /** Bytes came. One timer serves a whole burst. */
  touch(): void {
    this.#touchedAt = this.#clock.monotonic()
    this.#cancel ??= this.#wait(this.#gapMs)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #wait(ms: number): () => void {
    const dueAt = this.#clock.monotonic() + ms
    return this.#clock.after(ms, () => {
      const now = this.#clock.monotonic()
      const quietMs = now - this.#touchedAt
      // Fired late: the process was held up, and bytes may be waiting in the system that have not been read yet.
      const heldUp = now - dueAt > this.#gapMs / 2
      if (heldUp) this.#cancel = this.#wait(this.#gapMs)
      else if (quietMs < this.#gapMs) this.#cancel = this.#wait(this.#gapMs - quietMs)
      else {
        this.#cancel = undefined
        this.#onQuiet()
      }
    })
  }
}
