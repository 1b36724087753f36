/** Settings of an MT-SICS scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const mtSicsSettings = z.strictObject({
  ...scaleSettingsShape,
  /** `ohaus`: the Ohaus commands, which have other answers. */
  dialect: z.enum(['sics', 'ohaus']).default('sics'),
  /** `sics`: ask with `TA` whether a tare is taken off; a scale of level 0 does not know, and is asked once only. */
  askTare: z.boolean().default(true),
  /** `sics`: ask for model and serial number when it is opened. */
  askIdentity: z.boolean().default(true),
  /** `ohaus`: how it is asked for the weight of the moment; `P` does so after `0S` on models without `IP`. */
  ohausRequest: z.enum(['IP', 'P']).default('IP'),
  /** How long the scale may itself wait for rest before it zeroes or tares, in ms. */
  adjustMsMax: z.int().min(100).max(30_000).default(5_000),
})
export type MtSicsSettings = z.infer<typeof mtSicsSettings>
