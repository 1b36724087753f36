/** Health: starting, ready, or degraded with the reasons why. */
import type { Health as HealthReport } from './api.ts'

export class Health {
  readonly #reasons = new Map<string, string>()
  readonly #listeners = new Set<(report: HealthReport) => void>()
  #started = false

  /** The hub has come up; from now on it is ready or degraded. */
  started(): void {
    this.#started = true
    this.#tell()
  }

  /** Something is wrong with a part of the hub; the sentence is for a person. */
  report(part: string, sentence: string): void {
    if (this.#reasons.get(part) === sentence) return
    this.#reasons.set(part, sentence)
    this.#tell()
  }

  mended(part: string): void {
    if (this.#reasons.delete(part)) this.#tell()
  }

  /** Each part with what is wrong with it. */
  get parts(): ReadonlyMap<string, string> {
    return this.#reasons
  }

  current(): HealthReport {
    const reasons = [...this.#reasons.values()]
    return { status: !this.#started ? 'starting' : reasons.length > 0 ? 'degraded' : 'ready', reasons }
  }

  onChange(listener: (report: HealthReport) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.current())
  }
}
