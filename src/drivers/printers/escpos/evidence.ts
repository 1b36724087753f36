/** What is worth knowing of a printer before a job is sent, to tell after a lost link whether the job was finished. */
import { z } from 'zod'

export const evidenceLimits = {
  /** Jobs whose cuts are remembered, the youngest ones. */
  jobsMax: 1_000,
  /** Jobs named in one piece of evidence, which is not told for which of them it is. */
  jobsNamedMax: 16,
} as const

const evidenceSchema = z.strictObject({
  /** Value of the cut counter before the job. */
  cuts: z.int().min(0),
  /** Which counter it was: 178, or 50 which can be set back. */
  counter: z.int(),
  serial: z.string().optional(),
  /** Cuts of the jobs that may be sent next, all copies together. */
  jobs: z.record(z.string(), z.int().min(0)),
})
export type Evidence = z.infer<typeof evidenceSchema>

export const writeEvidence = (evidence: Evidence): string => JSON.stringify(evidence)

/** How often each job cuts, all copies together; shared by the devices of the driver, for a job may be made ready by one and sent by another. */
export class JobCuts {
  readonly #cuts = new Map<string, number>()

  set(jobId: string, cuts: number): void {
    this.#cuts.delete(jobId)
    this.#cuts.set(jobId, cuts)
    for (const oldest of this.#cuts.keys()) {
      if (this.#cuts.size <= evidenceLimits.jobsMax) break
      this.#cuts.delete(oldest)
    }
  }

  get(jobId: string): number | undefined {
    return this.#cuts.get(jobId)
  }

  /** The jobs made ready last. */
  latest(): Record<string, number> {
    return Object.fromEntries([...this.#cuts].slice(-evidenceLimits.jobsNamedMax))
  }
}

/** undefined when it is not evidence of ours. */
export function readEvidence(text: string): Evidence | undefined {
  try {
    return evidenceSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/**
 * `done` when the counter rose by exactly the cuts of the job: the last thing a job does is its last cut. A counter that did
 * not move proves nothing: the head of the receipt may be on the paper, and printers write the counter to memory now and
 * then only (the manuals call it a guideline). So there is never a `failed`.
 */
export function judge(
  before: Evidence,
  jobCuts: number | undefined,
  now: { cuts: number; counter: number; serial: string | undefined },
): 'done' | undefined {
  if (jobCuts === undefined || jobCuts === 0) return undefined
  if (before.counter !== now.counter || before.serial !== now.serial) return undefined
  return now.cuts - before.cuts === jobCuts ? 'done' : undefined
}
