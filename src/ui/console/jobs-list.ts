/** The job list on the screen: pages from the hub, kept live by events, narrowed by device, state and text. */
import { signal } from '@preact/signals'
import type { Job, JobState } from '../../protocol/job.ts'
import type { Params, Result } from '../../protocol/methods.ts'

export const jobsListLimits = {
  pageRows: 100,
  /** Rows held at once; older ones are found by narrowing the list. */
  rowsMax: 20_000,
} as const

type FetchJobs = (params: Params<'job.list'>) => Promise<Result<'job.list'>>

export interface JobFilter {
  device: string | undefined
  state: JobState | undefined
  /** As the hub searches: in id, client, kind, device and error code. Empty for all. */
  text: string
}

export const noFilter: JobFilter = { device: undefined, state: undefined, text: '' }

export class JobsList {
  readonly rows = signal<readonly Job[]>([])
  readonly filter = signal<JobFilter>(noFilter)
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

  /** True when the page holds as many rows as it will, and the hub has more. */
  get full(): boolean {
    return this.more.value && this.rows.value.length >= jobsListLimits.rowsMax
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
    if (this.loading.value || this.#next === undefined || this.full) return
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
    if (at >= 0) this.rows.value = [...rows.slice(0, at), job, ...rows.slice(at + 1)]
    else if (this.#isShownYet(job)) {
      const older = rows.findIndex((row) => row.createdAt <= job.createdAt)
      const place = older < 0 ? rows.length : older
      this.rows.value = [...rows.slice(0, place), job, ...rows.slice(place)].slice(0, jobsListLimits.rowsMax)
    }
  }

  /** A job older than the last loaded row belongs to a page that is still to come. */
  #isShownYet(job: Job): boolean {
    const last = this.rows.value.at(-1)
    return !this.more.value || last === undefined || job.createdAt >= last.createdAt
  }

  #covers(job: Job): boolean {
    const { device, state, text } = this.filter.value
    if (device !== undefined && job.device !== device) return false
    if (state !== undefined && job.state !== state) return false
    const wanted = text.trim().toLowerCase()
    return (
      wanted === '' ||
      [job.id, job.client, job.kind, job.device, job.error?.code ?? ''].some((part) =>
        part.toLowerCase().includes(wanted),
      )
    )
  }

  async #loadPage(merge: (page: readonly Job[]) => readonly Job[]): Promise<void> {
    const load = ++this.#load
    const { device, state } = this.filter.value
    const text = this.filter.value.text.trim()
    this.loading.value = true
    try {
      const page = await this.#fetch({
        limit: jobsListLimits.pageRows,
        ...(device === undefined ? {} : { device }),
        ...(state === undefined ? {} : { state }),
        ...(text === '' ? {} : { text }),
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
