/** Settings of an EPL printer: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { labelSettingsShape } from '../common/label-settings.ts'

export const eplSettingsSchema = z.strictObject({
  ...labelSettingsShape,
  media: z
    .enum(['told', 'printer'])
    .default('told')
    .describe('Whether width and length of the label are told (q, Q); `printer`: as the printer is set.'),
  gapMm: z.number().min(0).max(30).default(3).describe('Gap between labels of fixed height in mm.'),
  darkness: z
    .int()
    .min(0)
    .max(15)
    .exactOptional()
    .describe('Darkness 0 to 15 (D); left as the printer is set without it.'),
  speed: z
    .int()
    .min(0)
    .max(6)
    .exactOptional()
    .describe('Speed number of the model, 0 to 6 (S); left as the printer is set without it.'),
  completion: z
    .enum(['acks', 'status'])
    .default('status')
    .describe(
      'How the end of a job is known: `acks` by the ACK that follows each print command after US, or `status`: never.',
    ),
  identity: z.boolean().default(false).describe('Whether the printer is asked for its model (UQ).'),
})
export type EplSettings = z.infer<typeof eplSettingsSchema>
