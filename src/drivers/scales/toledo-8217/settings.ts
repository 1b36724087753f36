/** Settings of a Toledo 8217 scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const toledo8217Settings = z.strictObject({
  ...scaleSettingsShape,
  unit: z
    .enum(['auto', 'kg', 'lb'])
    .default('auto')
    .describe('`auto`: three decimals are kilograms, two are pounds.'),
  decimals: z
    .union([z.literal('auto'), z.int().min(0).max(4)])
    .default('auto')
    .describe(
      'Decimals of a weight as the scale sends it; needed only when it sends no point, and then checked against it.',
    ),
  stripParity: z
    .boolean()
    .default(true)
    .describe('Bit 7 of what comes in is the parity of a 7-bit line behind an 8-bit adapter.'),
  presetTare: z
    .enum(['auto', 'WW.WWW', 'WWW.WW', 'none'])
    .default('auto')
    .describe(
      'How the scale takes a tare that is given as a number; `auto` follows the unit, `none` refuses it.',
    ),
  tareEnd: z.enum(['cr', 'none']).default('cr').describe('What follows `T` when the load is tared.'),
  hiRes: z
    .boolean()
    .default(false)
    .describe(
      'Ask with `H` for ten times the resolution. Not for trade where the law wants the displayed weight.',
    ),
  echo: z
    .boolean()
    .default(true)
    .describe('The model has echo mode, which tells for sure that a late answer is out of the way.'),
})
export type Toledo8217Settings = z.infer<typeof toledo8217Settings>
