/** Settings that every scale has, to be spread into a driver's own schema, and the limits that scales share. */
import { z } from 'zod'

export const scaleLimits = {
  /** Scales convert about this often, in ms; asking again sooner gets the same weight. */
  askGapMsMin: 150,
  /** Time between two looks at an idle scale, in ms: they notice that it was switched off. */
  livenessMs: 10_000,
  /** The same while it does not answer. */
  recoveryMs: 2_000,
  /** An answer that is later than this, in ms, does not come any more. */
  lateMsMax: 10_000,
  /** Lost answers in a row before the scale counts as not responding. */
  missesMax: 2,
  /** Answers in a row that are not in the language before the scale counts as faulty. */
  garbledMax: 3,
} as const

/** Spread into `z.strictObject({...scaleSettingsShape, …})`. */
export const scaleSettingsShape = {
  readMsMax: z
    .int()
    .min(100)
    .max(10_000)
    .default(500)
    .describe('How long an answer may take, in ms: a scale that says nothing is an error after it.'),
  motionMsMax: z
    .int()
    .min(0)
    .max(30_000)
    .default(2_000)
    .describe('How long a read waits for the load to come to rest, in ms; 0 answers `scale_motion` at once.'),
  watchMs: z
    .int()
    .min(scaleLimits.askGapMsMin)
    .max(10_000)
    .default(200)
    .describe('Time between two questions of the live view, in ms.'),
  capacity: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,4})?$/, 'is not a decimal weight')
    .optional()
    .describe("The largest weight to believe, in the scale's unit; more is an overload."),
} as const

/** What the shared parts want to know of a driver's settings. */
export interface ScaleSettings {
  readMsMax: number
  motionMsMax: number
  watchMs: number
  capacity?: string | undefined
}
