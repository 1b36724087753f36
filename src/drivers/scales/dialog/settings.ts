/** Settings of a Checkout Dialog scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const dialogLimits = {
  /** Challenges answered in one weighing before the scale counts as refusing the checksums. */
  challengesMax: 2,
  /** How often a weighing begins anew from the price after an error that may pass. */
  restartsMax: 2,
  /** Pairs in one answer to a challenge. */
  checksumsMax: 5,
} as const

const price = z.string().regex(/^\d{1,6}(\.\d{1,4})?$/, 'is not a decimal price')

export const dialogSettings = z.strictObject({
  ...scaleSettingsShape,
  dialog: z
    .enum(['02', '04', '06'])
    .default('06')
    .describe('Which dialog it speaks. 06 may ask for checksums; 02 and 04 never do.'),
  unit: z
    .enum(['auto', 'kg', 'lb'])
    .default('auto')
    .describe('`auto`: as the scale says in each weighing. Otherwise a weighing in another unit is refused.'),
  priceDigits: z
    .union([z.literal(5), z.literal(6)])
    .default(6)
    .describe('Digits of a price on the wire.'),
  priceDecimals: z.int().min(0).max(4).default(2).describe('How many of them stand after the point.'),
  totalDecimals: z
    .union([z.literal('auto'), z.int().min(0).max(4)])
    .default('auto')
    .describe('The same of a total; `auto`: as many as a price has.'),
  noPrice: z
    .union([z.literal('refuse'), price])
    .default('0')
    .describe(
      'The price that is sent when nobody gave one; `refuse` answers `params_invalid`. Whether a model weighs at 0 is unconfirmed: one that says "price" (status 11) to it may take `0.01`.',
    ),
  totalTolerance: z
    .union([z.literal('off'), z.int().min(0).max(1_000)])
    .default(5)
    .describe(
      'How far a total may be from weight times price, in its last digit; `off` believes every total.',
    ),
  tareDecimals: z
    .int()
    .min(0)
    .max(4)
    .default(3)
    .describe('Decimals of the four digits of a tare: 3 for kilograms, 2 for pounds.'),
  tareKeepMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(120_000)
    .describe(
      'A tare that no weighing took is forgotten after this, in ms: it must not fall to the next customer.',
    ),
  stripParity: z
    .boolean()
    .default(true)
    .describe('Bit 7 of what comes in is the parity of a 7-bit line behind an 8-bit adapter.'),
  polynomialSecret: z
    .string()
    .regex(/^1[0-9A-Fa-f]{4}$/, 'is not five hex digits that begin with 1')
    .optional()
    .describe(
      'Dialog 06: the 17 bits that the maker of the scale agreed on with whoever answers for the till, as five hex digits, the first a 1. There is no default: a wrong one would only pretend.',
    ),
  checksums: z
    .array(z.string().regex(/^[0-9A-Fa-f]{4}$/, 'is not four hex digits'))
    .min(1)
    .max(dialogLimits.checksumsMax)
    .default(['5442'])
    .describe(
      'Dialog 06: checksums of the program, four hex digits each. Scales take any; some want as many as were agreed.',
    ),
  checksumRotation: z
    .enum(['left-right', 'right-left', 'none'])
    .default('left-right')
    .describe('Dialog 06: how checksum and correction are turned by the numbers of the challenge.'),
})
export type DialogSettings = z.infer<typeof dialogSettings>
