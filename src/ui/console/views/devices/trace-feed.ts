/** The bytes between the hub and one device as they come, kept within bounds, for as long as somebody looks. */
import { signal } from '@preact/signals'
import { type HubError, toHubError } from '../../../../protocol/errors.ts'
import type { TraceEntry, TraceHeader } from '../../../../protocol/trace.ts'
import type { UiClock } from '../../../parts/time.ts'
import type { Session } from '../../session.ts'

export const traceFeedLimits = {
  /** Entries kept in the page; older ones are dropped and counted. */
  entriesMax: 2_000,
  /** How long one question waits for bytes, in ms. */
  waitMs: 25_000,
  /** On top of it, for the answer to arrive. */
  answerMs: 10_000,
} as const

export interface SeenEntry {
  number: number
  entry: TraceEntry
}

export class TraceFeed {
  readonly header = signal<TraceHeader | undefined>(undefined)
  readonly entries = signal<readonly SeenEntry[]>([])
  /** Entries that the hub or this page had to drop. */
  readonly lost = signal(0)
  /** Why it ended by itself. */
  readonly error = signal<HubError | undefined>(undefined)
  readonly #session: Session
  readonly #device: string
  readonly #clock: UiClock
  /** Rises with each start: what an earlier one still has under way is thrown away. */
  #run = 0

  constructor(session: Session, device: string, clock: UiClock) {
    this.#session = session
    this.#device = device
    this.#clock = clock
  }

  /** Begins anew. `fresh`: the hub greets the device again, so that the whole conversation is seen. */
  start(fresh: boolean): void {
    this.header.value = undefined
    this.entries.value = []
    this.lost.value = 0
    this.error.value = undefined
    void this.#follow(++this.#run, fresh)
  }

  /** The hub ends the trace when nobody asks any more. */
  stop(): void {
    this.#run++
  }

  async #follow(run: number, fresh: boolean): Promise<void> {
    let after: number | undefined
    let number = 0
    try {
      while (run === this.#run) {
        const { trace, entries, next, lost } = await this.#session.call(
          'device.trace',
          {
            id: this.#device,
            // The first answer comes at once: it says that the trace has begun.
            ms: after === undefined ? 0 : traceFeedLimits.waitMs,
            ...(after === undefined ? { fresh } : { after }),
          },
          { timeoutMs: traceFeedLimits.waitMs + traceFeedLimits.answerMs },
        )
        if (run !== this.#run) return
        after = next
        this.header.value = trace
        this.lost.value += lost
        if (entries.length > 0) this.#keep(entries.map((entry) => ({ number: number++, entry })))
        // A device that never stops talking leaves the page time to draw.
        await new Promise<void>((resolve) => this.#clock.after(16, resolve))
      }
    } catch (thrown) {
      if (run === this.#run) this.error.value = toHubError(thrown)
    }
  }

  #keep(entries: readonly SeenEntry[]): void {
    const all = [...this.entries.value, ...entries]
    const surplus = all.length - traceFeedLimits.entriesMax
    if (surplus > 0) this.lost.value += surplus
    this.entries.value = surplus > 0 ? all.slice(surplus) : all
  }
}
