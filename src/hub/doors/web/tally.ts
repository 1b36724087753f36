/** How many of something each source has, with a limit. */

export class Tally {
  readonly #counts = new Map<string, number>()

  /** Counts one more; false, and nothing counted, when `max` are there already. */
  enter(key: string, max: number): boolean {
    const count = this.#counts.get(key) ?? 0
    if (count >= max) return false
    this.#counts.set(key, count + 1)
    return true
  }

  leave(key: string): void {
    const count = this.#counts.get(key) ?? 0
    if (count > 1) this.#counts.set(key, count - 1)
    else this.#counts.delete(key)
  }
}
