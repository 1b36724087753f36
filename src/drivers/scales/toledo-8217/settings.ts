/** Settings of a Toledo 8217 scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'

export const toledo8217Limits = {
  /** The scale converts no faster (DIVA service manual); asking again sooner gets the same weight. */
  askGapMsMin: 150,
  /** Time between two looks at an idle scale, in ms: they notice that it was switched off. */
  livenessMs: 10_000,
  /** The same while it does not answer. */
  recoveryMs: 2_000,
  /** Lost answers in a row before the scale counts as not responding. */
  missesMax: 2,
  /** Answers in a row that are not in the language before the scale counts as faulty. */
  garbledMax: 3,
} as const

export const toledo8217Settings = z.strictObject({
  /** `auto`: three decimals are kilograms, two are pounds. */
  unit: z.enum(['auto', 'kg', 'lb']).default('auto'),
  /** Decimals of a weight as the scale sends it; needed only when it sends no point, and then checked against it. */
  decimals: z.union([z.literal('auto'), z.int().min(0).max(4)]).default('auto'),
  /** The largest weight to believe, in the scale's unit; more is an overload. */
  capacity: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,4})?$/, 'is not a decimal weight')
    .optional(),
  /** How long an answer may take, in ms. */
  readMsMax: z.int().min(100).max(10_000).default(1_000),
  /** How long a read waits for the load to come to rest, in ms; 0 answers `scale_motion` at once. */
  motionMsMax: z.int().min(0).max(30_000).default(2_000),
  /** Time between two questions of the live view, in ms. */
  watchMs: z.int().min(toledo8217Limits.askGapMsMin).max(10_000).default(200),
  /** Bit 7 of what comes in is the parity of a 7-bit line behind an 8-bit adapter. */
  stripParity: z.boolean().default(true),
  /** How the scale takes a tare that is given as a number; `auto` follows the unit, `none` refuses it. */
  presetTare: z.enum(['auto', 'WW.WWW', 'WWW.WW', 'none']).default('auto'),
  /** What follows `T` when the load is tared. */
  tareEnd: z.enum(['cr', 'none']).default('cr'),
  /** Ask with `H` for ten times the resolution. Not for trade where the law wants the displayed weight. */
  hiRes: z.boolean().default(false),
  /** The model has echo mode, which tells for sure that a late answer is out of the way. */
  echo: z.boolean().default(true),
})
export type Toledo8217Settings = z.infer<typeof toledo8217Settings>
