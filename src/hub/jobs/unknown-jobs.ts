/** Which jobs wait for a ruling on their outcome, kept in memory so that asking costs no look into the history. */
import { errorText } from '../../protocol/errors.ts'
import type { JobRow, Store } from '../../store/store.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'

export const unknownLimits = {
  /** Read from the store; of more, the newest. */
  jobsMax: 500,
  /** Old jobs are dropped from the store now and then, so it is read again after so long, in ms. */
  readAgainMs: 3_600_000,
} as const

interface Unknown {
  device: string
  /** ms since 1970. */
  since: number
}

export class UnknownJobs {
  readonly name = 'unknown jobs'
  readonly #tools: { store: Store; clock: Clock; log: Log }
  readonly #byId = new Map<string, Unknown>()
  /** Settled while the store is being read, whose answer may be older; undefined while it is not. */
  #settled: Set<string> | undefined
  #changed: () => void = () => undefined
  #cancel: () => void = () => undefined
  #stopped = true

  constructor(tools: { store: Store; clock: Clock; log: Log }) {
    this.#tools = tools
  }

  async start(): Promise<void> {
    this.#stopped = false
    await this.#read()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  get count(): number {
    return this.#byId.size
  }

  /** For each device with such jobs: how many, and since when the oldest is. */
  byDevice(): Map<string, { jobs: number; since: number }> {
    const devices = new Map<string, { jobs: number; since: number }>()
    for (const { device, since } of this.#byId.values()) {
      const known = devices.get(device)
      devices.set(device, {
        jobs: (known?.jobs ?? 0) + 1,
        since: Math.min(known?.since ?? since, since),
      })
    }
    return devices
  }

  /** Told after each change. One listener. */
  onChange(listener: () => void): void {
    this.#changed = listener
  }

  ended(row: JobRow): void {
    if (row.state !== 'unknown') return
    this.#byId.set(row.id, unknownOf(row))
    this.#changed()
  }

  settled(row: JobRow): void {
    this.#settled?.add(row.id)
    if (this.#byId.delete(row.id)) this.#changed()
  }

  async #read(): Promise<void> {
    const { clock, log, store } = this.#tools
    const before = [...this.#byId.keys()]
    const settled = new Set<string>()
    this.#settled = settled
    try {
      const { rows } = await store.jobs.list({ state: 'unknown', limit: unknownLimits.jobsMax })
      // Those that came meanwhile may not be among the rows.
      for (const id of before) this.#byId.delete(id)
      for (const row of rows) if (!settled.has(row.id)) this.#byId.set(row.id, unknownOf(row))
      this.#changed()
    } catch (error) {
      log.debug({ reason: errorText(error) }, 'jobs of unknown outcome cannot be counted now')
    }
    this.#settled = undefined
    if (!this.#stopped) this.#cancel = clock.after(unknownLimits.readAgainMs, () => void this.#read())
  }
}

const unknownOf = ({ createdAt, device, finishedAt }: JobRow): Unknown => ({
  device,
  since: finishedAt ?? createdAt,
})
