/** Settings of a ZPL printer: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { labelSettingsShape } from '../common/label-settings.ts'

export const zplSettingsSchema = z.strictObject({
  ...labelSettingsShape,
  media: z
    .enum(['printer', 'continuous', 'gap', 'mark'])
    .default('printer')
    .describe('What the paper is told to be (^MN); `printer`: as the printer is set.'),
  darkness: z
    .int()
    .min(0)
    .max(30)
    .exactOptional()
    .describe('Darkness 0 to 30 (~SD); left as the printer is set without it.'),
  speed: z
    .int()
    .min(1)
    .max(14)
    .exactOptional()
    .describe('Inches a second (^PR); left as the printer is set without it.'),
  completion: z
    .enum(['idle', 'status'])
    .default('idle')
    .describe(
      'How the end of a job is known: `idle` when ~HS said that it was at work and then that no format and no label is left, or `status`: never, though the printer answers.',
    ),
  labelsLeftMax: z
    .int()
    .min(1)
    .max(99_999_999)
    .default(9_999)
    .describe(
      'Labels left above this number are something else: some clones count their paper there when the head was opened.',
    ),
})
export type ZplSettings = z.infer<typeof zplSettingsSchema>
