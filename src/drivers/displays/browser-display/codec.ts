/** The lines between the hub and a page that shows a customer display: one JSON object each. Pure. */
import { z } from 'zod'
import type { DisplayShowPayload } from '../../../protocol/job.ts'

/** Nothing bought: the page shows its idle pictures. */
export type ShownDocument = DisplayShowPayload | null

/** `{"revision":n,"document":{…}|null}` and a line feed, in UTF-8. JSON holds no raw line feed. */
export function encodeDocument(revision: number, document: ShownDocument): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ revision, document })}\n`)
}

const answerSchema = z.object({ shown: z.int().min(0) })

/** The revision that a page says it has painted, out of `{"shown":n}`; undefined for anything else. */
export function decodeShown(line: Uint8Array): number | undefined {
  try {
    const parsed = answerSchema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line)))
    return parsed.success ? parsed.data.shown : undefined
  } catch {
    return undefined
  }
}
