/** The job list on the screen: pages from the hub, kept live by events, narrowed by device and state. */
import { signal } from '@preact/signals'
import type { Job, JobState } from '../../protocol/job.ts'
import type { Params, Result } from '../../protocol/methods.ts'

export const jobsListLimits = {
  pageRows: 50,
  /** Rows held at once; beyond it the list starts again at its newest page. */
  rowsMax: 5_000,
} as const

type FetchJobs = (params: Params<'job.list'>) => Promise<Result<'job.list'>>

export interface JobFilter {
  device: string | undefined
  state: JobState | undefined
}

export class JobsList {
  readonly rows = signal<readonly Job[]>([])
  readonly filter = signal<JobFilter>({ device: undefined, state: undefined })
  readonly loading = signal(false)
  readonly loaded = signal(false)
  /** True when the hub has older rows. */
  readonly more = signal(false)
  readonly #fetch: FetchJobs
  #next: string | undefined
  /** Counts loads, so that a late answer to an old filter is thrown away. */
  #load = 0

  constructor(fetch: FetchJobs) {
    this.#fetch = fetch
  }

  async setFilter(filter: JobFilter): Promise<void> {
    this.filter.value = filter
    await this.reload()
  }

  async reload(): Promise<void> {
    this.#next = undefined
    await this.#loadPage((page) => page)
  }

  async loadMore(): Promise<void> {
    if (this.loading.value || this.#next === undefined) return
    await this.#loadPage((page) => {
      const known = new Set(this.rows.value.map((job) => job.id))
      return [...this.rows.value, ...page.filter((job) => !known.has(job.id))]
    })
  }

  /** Takes a changed job in, at its place; drops it when the filter does not cover it any more. */
  put(job: Job): void {
    if (!this.loaded.value) return
    const rows = this.rows.value
    const at = rows.findIndex((row) => row.id === job.id)
    if (!this.#covers(job)) {
      if (at >= 0) this.rows.value = rows.filter((row) => row.id !== job.id)
      return
    }
    if (at >= 0) this.rows.value = rows.map((row, index) => (index === at ? job : row))
    else if (this.#isShownYet(job)) this.rows.value = newestFirst([job, ...rows])
    if (this.rows.value.length > jobsListLimits.rowsMax) void this.reload().catch(() => undefined)
  }

  /** A job older than the last loaded row belongs to a page that is still to come. */
  #isShownYet(job: Job): boolean {
    const last = this.rows.value.at(-1)
    return !this.more.value || last === undefined || job.createdAt >= last.createdAt
  }

  #covers(job: Job): boolean {
    const { device, state } = this.filter.value
    return (device === undefined || job.device === device) && (state === undefined || job.state === state)
  }

  async #loadPage(merge: (page: readonly Job[]) => readonly Job[]): Promise<void> {
    const load = ++this.#load
    const { device, state } = this.filter.value
    this.loading.value = true
    try {
      const page = await this.#fetch({
        limit: jobsListLimits.pageRows,
        ...(device === undefined ? {} : { device }),
        ...(state === undefined ? {} : { state }),
        ...(this.#next === undefined ? {} : { before: this.#next }),
      })
      if (load !== this.#load) return
      this.#next = page.next
      this.rows.value = merge(page.jobs)
      this.more.value = page.next !== undefined
      this.loaded.value = true
    } finally {
      if (load === this.#load) this.loading.value = false
    }
  }
}

/** Keeps the hub's order where moments are equal: sorting is stable. */
function newestFirst(jobs: readonly Job[]): readonly Job[] {
  return [...jobs].sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0))
}
