/** Leaves out a code that comes again at once, for scanners that read the same label twice. */

export class Repeats {
  readonly #duplicateMs: number
  #last: { code: string; at: number } | undefined

  /** `duplicateMs` 0 lets every scan pass. */
  constructor(duplicateMs: number) {
    this.#duplicateMs = duplicateMs
  }

  /** True when the code is the one before, less than `duplicateMs` ago. `now`: monotonic, in ms. */
  isRepeat(code: string, now: number): boolean {
    const last = this.#last
    if (last !== undefined && last.code === code && now - last.at < this.#duplicateMs) return true
    this.#last = { code, at: now }
    return false
  }
}
