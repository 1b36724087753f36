/** Settings of an MT-SICS scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const mtSicsSettings = z.strictObject({
  ...scaleSettingsShape,
  dialect: z
    .enum(['sics', 'ohaus'])
    .default('sics')
    .describe('`ohaus`: the Ohaus commands, which have other answers.'),
  askTare: z
    .boolean()
    .default(true)
    .describe(
      '`sics`: ask with `TA` whether a tare is taken off; a scale of level 0 does not know, and is asked once only.',
    ),
  askIdentity: z
    .boolean()
    .default(true)
    .describe('`sics`: ask for model and serial number when it is opened.'),
  ohausRequest: z
    .enum(['IP', 'P'])
    .default('IP')
    .describe(
      '`ohaus`: how it is asked for the weight of the moment; `P` does so after `0S` on models without `IP`.',
    ),
  adjustMsMax: z
    .int()
    .min(100)
    .max(30_000)
    .default(5_000)
    .describe('How long the scale may itself wait for rest before it zeroes or tares, in ms.'),
})
export type MtSicsSettings = z.infer<typeof mtSicsSettings>
