/** Jobs on their way to the disk: what it does not take now is recorded when it works again, and health says so meanwhile. */
import { HubError } from '../../protocol/errors.ts'
import type { JobPatch, JobRow, Store } from '../../store/store.ts'
import type { Clock } from '../clock.ts'
import type { Health } from '../health.ts'

export const recordLimits = {
  /** How often changes that the disk did not take are tried again. */
  retryMs: 2_000,
} as const

interface Tools {
  store: Store
  health: Health
  clock: Clock
}

export class JobRecords {
  readonly #tools: Tools
  /** Changes that happened and are not on the disk yet, by job. */
  readonly #late = new Map<string, JobPatch>()
  #cancelRetry: (() => void) | undefined
  #stopped = false

  constructor(tools: Tools) {
    this.#tools = tools
  }

  /** A last try for what is late; the disk may have room by now. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    await this.#recordLate()
  }

  insert(row: JobRow): Promise<void> {
    return this.#watched(this.#tools.store.jobs.insert(row))
  }

  /** Records a change before it happens. Throws when the disk does not take it. */
  async update(id: string, patch: JobPatch): Promise<void> {
    const late = this.#late.get(id)
    await this.#watched(this.#tools.store.jobs.update(id, { ...late, ...patch }))
    if (late !== undefined && this.#late.get(id) === late) this.#late.delete(id)
  }

  /** Records a change that has happened. Never throws: what the disk does not take now is recorded later. */
  async updateOrLater(id: string, patch: JobPatch): Promise<void> {
    try {
      await this.update(id, patch)
    } catch (error) {
      if (!isDisk(error)) return
      this.#late.set(id, { ...this.#late.get(id), ...patch })
      this.#retryLater()
    }
  }

  #retryLater(): void {
    if (this.#stopped || this.#cancelRetry !== undefined) return
    this.#cancelRetry = this.#tools.clock.after(recordLimits.retryMs, () => {
      this.#cancelRetry = undefined
      void this.#recordLate()
    })
  }

  async #recordLate(): Promise<void> {
    for (const [id, patch] of [...this.#late]) {
      try {
        await this.#watched(this.#tools.store.jobs.update(id, patch))
      } catch (error) {
        if (isDisk(error)) return this.#retryLater()
      }
      if (this.#late.get(id) === patch) this.#late.delete(id)
    }
  }

  async #watched(write: Promise<void>): Promise<void> {
    try {
      await write
    } catch (error) {
      if (isDisk(error)) this.#tools.health.report('store', error.message.replace(/ \(\w+\)$/, ''))
      throw error
    }
    this.#tools.health.mended('store')
  }
}

const isDisk = (error: unknown): error is HubError =>
  error instanceof HubError && error.code === 'store_unavailable'
