/** What is worth knowing of a Star printer before a job is sent, to tell after a lost link whether the job was finished. */
import { z } from 'zod'
import { countAfter } from './fencing.ts'
import { etbCounts } from './status.ts'

const evidenceSchema = z.strictObject({
  /** Which counter: that of documents (ESC GS ETX), or that of ETB. */
  way: z.enum(['document', 'etb']),
  /** Its value before the job. */
  count: z.int().min(0).max(255),
  /** Copies of the job; each counts. */
  copies: z.int().min(1),
})
export type Evidence = z.infer<typeof evidenceSchema>

/** Counts of documents: 0 to 255, then from 0 again. */
const documentCounts = 256

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
 * `done` when the counter stands where the whole job brings it. A counter that stands elsewhere proves nothing: the head of the
 * receipt may be on the paper. A counter of 0 proves nothing either: a printer that was switched off and on shows it. So there
 * is never a `failed`.
 */
export function judge(before: Evidence, now: number): 'done' | undefined {
  const { way, copies } = before
  // More copies than counts go round the clock.
  if (copies >= (way === 'etb' ? etbCounts : documentCounts) - 1) return undefined
  let expected = before.count
  for (let copy = 0; copy < copies; copy++) {
    if (way === 'etb') expected = countAfter((expected + 1) % etbCounts).count
    else expected = (expected + 1) % documentCounts
  }
  return expected !== 0 && expected === now ? 'done' : undefined
}
