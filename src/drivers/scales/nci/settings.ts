/** Settings of an NCI scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const nciSettings = z.strictObject({
  ...scaleSettingsShape,
  /** `scp-02` ("ECR") has weights of six characters and a status with S before it, and is held to that. */
  dialect: z.enum(['scp-01', 'scp-02']).default('scp-01'),
  /** The only unit that is believed; `auto`: the one that the scale sends. */
  unit: z.enum(['auto', 'kg', 'g', 'lb', 'oz']).default('auto'),
  /** Ask with `H` for ten times the resolution. Not for trade where the law wants the displayed weight. */
  hiRes: z.boolean().default(false),
  /** The model knows `T`, which takes the load as tare. Where it does not, it says so and nothing happens. */
  tareCommand: z.boolean().default(true),
  /** The model answers an unknown command with `?`: proof that a lost answer is out of the way. */
  answersUnknown: z.boolean().default(true),
})
export type NciSettings = z.infer<typeof nciSettings>
