/** Jobs of which data went out on this connection: their confirmation may still come when somebody asks. */
import type { Pending } from './conversation.ts'
import type { SentJob } from './print-run.ts'

export const sentLimits = {
  /** Longest an inquiry waits for a late confirmation. */
  inquiryMsMax: 3_000,
  /** Jobs whose confirmation may still come. */
  jobsMax: 256,
} as const

export class SentJobs {
  readonly #jobs = new Map<string, SentJob>()

  /** A job that begins; forgotten when too many came after it. */
  begin(jobId: string, copies: number): SentJob {
    const job: SentJob = { fences: [], copies }
    this.#jobs.delete(jobId)
    this.#jobs.set(jobId, job)
    for (const oldest of this.#jobs.keys()) {
      if (this.#jobs.size <= sentLimits.jobsMax) break
      this.#jobs.delete(oldest)
    }
    return job
  }

  /** Whether every copy was confirmed. `answerOf` waits for one confirmation a short while. */
  async confirmed(
    jobId: string,
    answerOf: (fence: Pending<unknown>) => Promise<unknown | undefined>,
  ): Promise<boolean> {
    const job = this.#jobs.get(jobId)
    if (job === undefined || job.fences.length < job.copies) return false
    for (const fence of job.fences) if ((await answerOf(fence)) === undefined) return false
    return true
  }

  /** Whether anything but this job began on this connection. */
  hasOthers(jobId: string): boolean {
    return this.#jobs.size > (this.#jobs.has(jobId) ? 1 : 0)
  }

  has(jobId: string): boolean {
    return this.#jobs.has(jobId)
  }
}
