/** Why a drawer has opened: the jobs that may have opened it, until they have explained an opening or are too long over. */

export const drawerCauseLimits = {
  /** A drawer that opens within this time of the end of a job was opened by it; some printers report late. */
  lateMsMax: 10_000,
} as const

/** What opened a drawer. `unbidden`: it opened before our eyes and nobody had asked for it. */
export type DrawerCause = { job: string; reason?: string } | { unbidden: boolean }

interface Asked {
  job: string
  reason: string | undefined
  /** When its bytes stopped going out (monotonic); undefined while it is under way. */
  endedAt: number | undefined
}

export class DrawerCauses {
  readonly #clock: { monotonic(): number }
  /** The newest last. */
  #asked: Asked[] = []

  constructor(clock: { monotonic(): number }) {
    this.#clock = clock
  }

  /** The bytes of a job that may open the drawer begin to leave: its pulse may stand at the end of a long receipt. */
  asked(job: string, reason: string | undefined): void {
    this.#forgetOld()
    this.#asked.push({ job, reason, endedAt: undefined })
  }

  /** The attempt at a job has ended. Jobs that were not asked for a drawer may be told as well. */
  ended(job: string): void {
    const endedAt = this.#clock.monotonic()
    for (const asked of this.#asked) if (asked.job === job) asked.endedAt ??= endedAt
  }

  /** The newest job that may have opened the drawer; one job explains one opening. */
  take(): { job: string; reason?: string } | undefined {
    this.#forgetOld()
    const last = this.#asked.pop()
    if (last === undefined) return undefined
    const { job, reason } = last
    return { job, ...(reason === undefined ? {} : { reason }) }
  }

  #forgetOld(): void {
    const since = this.#clock.monotonic() - drawerCauseLimits.lateMsMax
    this.#asked = this.#asked.filter(({ endedAt }) => endedAt === undefined || endedAt >= since)
  }
}
