/** What is worth knowing of a printer before a job is sent, to tell after a lost link whether the job was finished. */
import { z } from 'zod'

const evidenceSchema = z.strictObject({
  /** Value of the cut counter before the job. */
  cuts: z.int().min(0),
  /** Which counter it was: 178, or 50 which can be set back. */
  counter: z.int(),
  serial: z.string().optional(),
  /** Cuts of the job, all copies together. */
  jobCuts: z.int().min(0),
})
export type Evidence = z.infer<typeof evidenceSchema>

export const writeEvidence = (evidence: Evidence): string => JSON.stringify(evidence)

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
  now: { cuts: number; counter: number; serial: string | undefined },
): 'done' | undefined {
  if (before.jobCuts === 0) return undefined
  if (before.counter !== now.counter || before.serial !== now.serial) return undefined
  return now.cuts - before.cuts === before.jobCuts ? 'done' : undefined
}
