/** Rulings on jobs of unknown outcome, by a person or by what the device could prove: each job gets one. */
import { HubError } from '../../protocol/errors.ts'
import type { Job } from '../../protocol/job.ts'
import type { JobPatch, JobRow } from '../../store/store.ts'

interface Tools {
  row(id: string): Promise<JobRow | undefined>
  /** Records the ruling. Throws when the disk does not take it. */
  record(id: string, patch: JobPatch): Promise<void>
  /** Shows and announces the job as it is now. */
  settled(row: JobRow): Job
}

export class JobRulings {
  readonly #tools: Tools
  readonly #underWay = new Map<string, Promise<Job>>()

  constructor(tools: Tools) {
    this.#tools = tools
  }

  /** One after the other: the second of two at once finds the job settled. Throws `job_unknown` or `job_not_unknown`. */
  settle(id: string, outcome: 'done' | 'failed', settledBy: 'person' | 'inquiry'): Promise<Job> {
    const before: Promise<unknown> = this.#underWay.get(id) ?? Promise.resolve()
    const ruling = before.catch(() => {}).then(() => this.#rule(id, outcome, settledBy))
    this.#underWay.set(id, ruling)
    return ruling.finally(() => {
      if (this.#underWay.get(id) === ruling) this.#underWay.delete(id)
    })
  }

  async #rule(id: string, outcome: 'done' | 'failed', settledBy: 'person' | 'inquiry'): Promise<Job> {
    const row = await this.#tools.row(id)
    if (row === undefined) throw new HubError('job_unknown', { id })
    if (row.state !== 'unknown') throw new HubError('job_not_unknown', { id, state: row.state })
    const patch: JobPatch = { state: outcome, outcome: { confirmed: true, settledBy } }
    await this.#tools.record(id, patch)
    return this.#tools.settled({ ...row, ...patch })
  }
}
