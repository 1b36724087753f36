/** Blind counts of open sessions: who counts again and again until it is right has not counted but guessed. */

type Given = readonly { method: string; counted: number }[]

export class BlindCounts {
  readonly #max: number
  /** What was counted, by session: registers have one open session each, so that these are few. */
  readonly #counts = new Map<string, Set<string>>()

  /** `max`: counts of one session that differ from each other. */
  constructor(max: number) {
    this.#max = max
  }

  /** False for one count too many. One that was made before is none more. */
  allow(session: string, given: Given): boolean {
    const counts = this.#counts.get(session) ?? new Set()
    const count = JSON.stringify(given.map(({ method, counted }) => [method, counted]).sort())
    if (counts.has(count)) return true
    if (counts.size >= this.#max) return false
    this.#counts.set(session, counts.add(count))
    return true
  }

  /** It is closed. */
  forget(session: string): void {
    this.#counts.delete(session)
  }
}
