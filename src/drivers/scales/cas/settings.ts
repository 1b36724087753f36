/** Settings of a CAS scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const casSettings = z.strictObject({
  ...scaleSettingsShape,
  dialect: z
    .enum(['ap1', 'stream22'])
    .default('ap1')
    .describe(
      '`ap1`: ENQ, ACK, DC1 of the checkout scales. `stream22`: the line of 22 bytes of the indicators.',
    ),
  price: z
    .boolean()
    .default(false)
    .describe('`ap1`: ask with DC2 for weight, unit price and total as the scale has computed it.'),
  priceDecimals: z.int().min(0).max(4).default(2).describe('Decimals of prices that come without a point.'),
  commands: z
    .enum(['none', 'nt500', 'nt570'])
    .default('none')
    .describe(
      '`stream22`: the commands that the indicator takes; `none`: it sends all the time and is only listened to.',
    ),
  id: z.int().min(0).max(99).default(1).describe('`stream22`: number of the indicator, for its commands.'),
  latencyMs: z
    .int()
    .min(0)
    .max(200)
    .default(20)
    .describe(
      '`stream22`: a line that begins sooner after the question than this, in ms, may have waited in an adapter.',
    ),
})
export type CasSettings = z.infer<typeof casSettings>
