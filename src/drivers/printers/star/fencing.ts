/** How a Star printer says that it has printed: the echo of an id behind each copy (ESC GS ETX), its ETB counter, or never. */
import type { DriverContext } from '../../driver.ts'
import { joined } from '../../imaging/joined.ts'
import { withAutoStatus } from '../common/run/auto-status.ts'
import type { Pending, Stop } from '../common/run/conversation.ts'
import type { Fencing, PrintCopies } from '../common/run/print-run.ts'
import { autoStatusOn, countEnd, markEnd, reset } from './commands.ts'
import type { StarLink } from './link.ts'
import type { StarSettings } from './settings.ts'

export const fencingLimits = {
  /** Wait for a counter to move that an earlier job left open, before the next job is sent. */
  settleMsMax: 2_000,
  /** Time after the last move of the counter after which no further one is expected. */
  quietMs: 500,
  /** Pause between questions for the counter. */
  askEveryMs: 100,
} as const

export type Completion = StarSettings['completion']

interface FencingParts {
  readonly context: DriverContext<StarSettings>
  readonly link: StarLink
  /** As the profile says, or the next best that the printer answers. */
  completion(): Completion
}

export class StarFencing implements Fencing {
  readonly #parts: FencingParts

  constructor(parts: FencingParts) {
    this.#parts = parts
  }

  confirms(job: PrintCopies): boolean {
    return this.#completionOf(job) !== 'none'
  }

  /** ETBs of the job's own move the counter too, and nobody can tell which count is whose. */
  #completionOf(job: PrintCopies): Completion {
    const completion = this.#parts.completion()
    return completion === 'etb' && job.questions > 0 ? 'none' : completion
  }

  /**
   * Ids tell themselves apart. Counts do not: one that an earlier job left open, on this connection or on one before, may still
   * come, or never after the printer was switched off and on. So the printer counts once more, everything is let in, and the
   * next job begins at what it shows then, which is not 0. When nothing comes the link is given up, which costs nothing, for
   * nothing was sent.
   */
  async settle(stop: () => Stop | undefined): Promise<Stop | undefined> {
    const { link } = this.#parts
    if (this.#parts.completion() !== 'etb' || !link.countsOwed) return stop()
    link.forgetCounts()
    do {
      const moved = await this.#countOnce(stop)
      if (stop() !== undefined) return stop()
      if (!moved) {
        link.giveUp('its counter stands still')
        return stop()
      }
    } while (link.status.ended === 0)
    link.countsSettled()
    return undefined
  }

  /** Has the printer count, and waits until the counter has moved and stands still; false when it does not move. */
  async #countOnce(stop: () => Stop | undefined): Promise<boolean> {
    const { context, link } = this.#parts
    const { clock } = context
    let shown = link.status.ended
    let quietAt = clock.monotonic() + fencingLimits.settleMsMax
    let moved = false
    link.post(countEnd)
    while (stop() === undefined && clock.monotonic() < quietAt) {
      const again = Math.min(quietAt, clock.monotonic() + fencingLimits.askEveryMs)
      if (!link.reportsByItself) await link.look(again)
      if (link.status.ended !== shown) {
        moved = true
        shown = link.status.ended
        quietAt = clock.monotonic() + fencingLimits.quietMs
      }
      if (clock.monotonic() < again) await link.news(again)
    }
    return moved
  }

  quiet(): Promise<void> {
    return Promise.resolve()
  }

  fenced(
    copy: Uint8Array,
    job: PrintCopies,
  ): { body: Uint8Array; announce: (() => Pending<unknown>) | undefined } {
    const { context, link } = this.#parts
    const body = context.settings.status === 'asb' ? withAutoStatus(copy, { reset, autoStatusOn }) : copy
    switch (this.#completionOf(job)) {
      case 'document': {
        const id = link.nextId()
        return { body: joined([body, markEnd(id)]), announce: () => link.expectMark(id) }
      }
      case 'etb': {
        const { etbs, count } = countAfter(link.nextCount())
        const announce = () => link.expectCount(count)
        return { body: joined([body, ...Array<Uint8Array>(etbs).fill(countEnd)]), announce }
      }
      case 'none':
        // Its own ETBs will count, nobody knows when.
        if (this.#parts.completion() === 'etb') link.forgetCounts()
        return { body, announce: undefined }
    }
  }
}

/**
 * How many ETBs to send for a copy, and the count that confirms it. Never 0: that is what a printer shows that was switched off
 * and on.
 */
export function countAfter(next: number): { etbs: number; count: number } {
  return next === 0 ? { etbs: 2, count: 1 } : { etbs: 1, count: next }
}
