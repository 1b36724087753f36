/** Settings of a TSPL printer: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { labelSettingsShape } from '../common/label-settings.ts'

export const tsplSettingsSchema = z.strictObject({
  ...labelSettingsShape,
  /** What tells labels of fixed height apart; without a fixed height the paper is continuous. */
  media: z.enum(['gap', 'mark']).default('gap'),
  /** Gap between labels, or height of the mark, in mm. */
  gapMm: z.number().min(0).max(25).default(3),
  /** Darkness 0 to 15 (DENSITY); left as the printer is set without it. */
  darkness: z.int().min(0).max(15).exactOptional(),
  /** Inches a second (SPEED); left as the printer is set without it. */
  speed: z.number().min(1).max(18).exactOptional(),
  /** The question for the status: one byte by ESC !?, or the framed answer of newer firmware by ESC !S. */
  statusQuestion: z.enum(['byte', 'frame']).default('byte'),
  /** How the end of a job is known: `printing-seen` when the printer said that it printed and then that it does not, or `status`: never. */
  completion: z.enum(['printing-seen', 'status']).default('status'),
  /** Whether the printer is asked for its model (~!T). */
  identity: z.boolean().default(false),
})
export type TsplSettings = z.infer<typeof tsplSettingsSchema>
