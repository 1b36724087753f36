/** Settings of an Adam scale or one that sends like it: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const adamSettings = z.strictObject({
  ...scaleSettingsShape,
  dialect: z
    .enum(['label', 'headed'])
    .default('label')
    .describe(
      '`label`: a printed weight (AZextra, CBD). `headed`: a line with ST, US or OL before it (A&D and others).',
    ),
  request: z
    .enum(['P', 'Q', 'none'])
    .default('P')
    .describe(
      'The letter that asks for a weight; `none`: the scale sends all the time and is only listened to.',
    ),
  silenceMeans: z
    .enum(['error', 'zero'])
    .default('error')
    .describe(
      'What no answer means. AZextra says nothing when the weight is zero or has not changed since it was last asked. `error`: a read fails with `answer_timeout`. `zero`: a read answers 0; then a load that was read already, and is still there, reads as 0 too, and so does a scale that was switched off.',
    ),
  silentStart: z
    .boolean()
    .default(false)
    .describe('A scale that says nothing when it is opened is taken all the same: it may only be empty.'),
  newMeasureDelay: z
    .int()
    .min(0)
    .max(60_000)
    .default(5_000)
    .describe(
      'Shortest time between two questions of the live view, in ms: the scale beeps when it is asked again and again.',
    ),
  unit: z.enum(['kg', 'g', 'lb', 'oz']).default('kg').describe('Unit of the zero that silence means.'),
  latencyMs: z
    .int()
    .min(0)
    .max(200)
    .default(20)
    .describe(
      'A line that begins sooner after the question than this, in ms, may have waited in an adapter (`request` none).',
    ),
})
export type AdamSettings = z.infer<typeof adamSettings>
