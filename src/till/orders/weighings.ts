/** Weighings until a line of an order claims them: bounded, and each for one order only. */
import type { TillResult } from '../parts.ts'
import { orderLimits } from './parts.ts'

export interface Weighing extends TillResult<'till.weigh'> {
  product: string
  /** ms since 1970. */
  at: number
  /** The order and line that claimed it. */
  claimed?: { order: string; line: string }
}

interface Entry {
  fingerprint: string
  result: Promise<Weighing>
  /** Set when the scale has answered. */
  weighing?: Weighing
}

export class Weighings {
  /** In the order of their asking. */
  readonly #entries = new Map<string, Entry>()

  /** Fingerprint and result of a weighing that was asked for; one that failed is forgotten. */
  asked(id: string): { fingerprint: string; result: Promise<Weighing> } | undefined {
    return this.#entries.get(id)
  }

  async remember(id: string, fingerprint: string, weigh: () => Promise<Weighing>): Promise<Weighing> {
    const entry: Entry = { fingerprint, result: weigh() }
    this.#entries.set(id, entry)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= orderLimits.weighingsMax) break
      this.#entries.delete(oldest)
    }
    try {
      entry.weighing = await entry.result
      return entry.weighing
    } catch (error) {
      if (this.#entries.get(id) === entry) this.#entries.delete(id)
      throw error
    }
  }

  /** Undefined when it is not known, or too old. */
  known(id: string, now: number): Weighing | undefined {
    const weighing = this.#entries.get(id)?.weighing
    return weighing !== undefined && now - weighing.at <= orderLimits.weighingMsMax ? weighing : undefined
  }

  /** From now on the weighings of these lines are theirs. */
  claim(order: string, lines: readonly { id: string; weighing?: string | undefined }[]): void {
    for (const { id: line, weighing: id } of lines) {
      const weighing = id === undefined ? undefined : this.#entries.get(id)?.weighing
      if (weighing !== undefined) weighing.claimed = { order, line }
    }
  }
}
