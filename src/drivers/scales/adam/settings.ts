/** Settings of an Adam scale or one that sends like it: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const adamSettings = z.strictObject({
  ...scaleSettingsShape,
  /** `label`: a printed weight (AZextra, CBD). `headed`: a line with ST, US or OL before it (A&D and others). */
  dialect: z.enum(['label', 'headed']).default('label'),
  /** The letter that asks for a weight; `none`: the scale sends all the time and is only listened to. */
  request: z.enum(['P', 'Q', 'none']).default('P'),
  /**
   * What no answer means. AZextra says nothing when the weight is zero or has not changed since it was last asked. `error`: a
   * read fails with `answer_timeout`. `zero`: a read answers 0; then a load that was read already, and is still there, reads
   * as 0 too, and so does a scale that was switched off.
   */
  silenceMeans: z.enum(['error', 'zero']).default('error'),
  /** A scale that says nothing when it is opened is taken all the same: it may only be empty. */
  silentStart: z.boolean().default(false),
  /** Shortest time between two questions of the live view, in ms: the scale beeps when it is asked again and again. */
  newMeasureDelay: z.int().min(0).max(60_000).default(5_000),
  /** Unit of the zero that silence means. */
  unit: z.enum(['kg', 'g', 'lb', 'oz']).default('kg'),
  /** A line that begins sooner after the question than this, in ms, may have waited in an adapter (`request` none). */
  latencyMs: z.int().min(0).max(200).default(20),
})
export type AdamSettings = z.infer<typeof adamSettings>
