/** Settings of a CAS scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const casSettings = z.strictObject({
  ...scaleSettingsShape,
  /** `ap1`: ENQ, ACK, DC1 of the checkout scales. `stream22`: the line of 22 bytes of the indicators. */
  dialect: z.enum(['ap1', 'stream22']).default('ap1'),
  /** `ap1`: ask with DC2 for weight, unit price and total as the scale has computed it. */
  price: z.boolean().default(false),
  /** Decimals of prices that come without a point. */
  priceDecimals: z.int().min(0).max(4).default(2),
  /** `stream22`: the commands that the indicator takes; `none`: it sends all the time and is only listened to. */
  commands: z.enum(['none', 'nt500', 'nt570']).default('none'),
  /** `stream22`: number of the indicator, for its commands. */
  id: z.int().min(0).max(99).default(1),
  /** `stream22`: a line that begins sooner after the question than this, in ms, may have waited in an adapter. */
  latencyMs: z.int().min(0).max(200).default(20),
})
export type CasSettings = z.infer<typeof casSettings>
