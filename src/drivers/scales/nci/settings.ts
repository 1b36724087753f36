/** Settings of an NCI scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const nciSettings = z.strictObject({
  ...scaleSettingsShape,
  dialect: z
    .enum(['scp-01', 'scp-02'])
    .default('scp-01')
    .describe(
      '`scp-02` ("ECR") has weights of six characters and a status with S before it, and is held to that.',
    ),
  unit: z
    .enum(['auto', 'kg', 'g', 'lb', 'oz'])
    .default('auto')
    .describe('The only unit that is believed; `auto`: the one that the scale sends.'),
  hiRes: z
    .boolean()
    .default(false)
    .describe(
      'Ask with `H` for ten times the resolution. Not for trade where the law wants the displayed weight.',
    ),
  tareCommand: z
    .boolean()
    .default(true)
    .describe(
      'The model knows `T`, which takes the load as tare. Where it does not, it says so and nothing happens.',
    ),
  answersUnknown: z
    .boolean()
    .default(true)
    .describe('The model answers an unknown command with `?`: proof that a lost answer is out of the way.'),
})
export type NciSettings = z.infer<typeof nciSettings>
