/** Settings of a TSPL printer: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { labelSettingsShape } from '../common/label-settings.ts'

export const tsplSettingsSchema = z.strictObject({
  ...labelSettingsShape,
  media: z
    .enum(['gap', 'mark'])
    .default('gap')
    .describe('What tells labels of fixed height apart; without a fixed height the paper is continuous.'),
  gapMm: z.number().min(0).max(25).default(3).describe('Gap between labels, or height of the mark, in mm.'),
  darkness: z
    .int()
    .min(0)
    .max(15)
    .exactOptional()
    .describe('Darkness 0 to 15 (DENSITY); left as the printer is set without it.'),
  speed: z
    .number()
    .min(1)
    .max(18)
    .exactOptional()
    .describe('Inches a second (SPEED); left as the printer is set without it.'),
  statusQuestion: z
    .enum(['byte', 'frame'])
    .default('byte')
    .describe(
      'The question for the status: one byte by ESC !?, or the framed answer of newer firmware by ESC !S.',
    ),
  completion: z
    .enum(['printing-seen', 'status'])
    .default('status')
    .describe(
      'How the end of a job is known: `printing-seen` when the printer said that it printed and then that it does not, or `status`: never.',
    ),
  identity: z.boolean().default(false).describe('Whether the printer is asked for its model (~!T).'),
})
export type TsplSettings = z.infer<typeof tsplSettingsSchema>
