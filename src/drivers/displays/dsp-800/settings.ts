/** Settings of a DSP-800 display. */
import { z } from 'zod'
import { poleFields } from '../common/pole-settings.ts'

export const dsp800Limits = {
  /** After a lost answer, nothing that comes in is believed before the line was quiet for this long, in ms. */
  doubtMs: 10_000,
} as const

export const dsp800Settings = z.strictObject({
  ...poleFields,
  rows: z.int().min(1).max(2).default(2).describe('Lines of the display.'),
  answers: z
    .enum(['auto', 'always', 'none'])
    .default('auto')
    .describe(
      'Whether the display answers commands with 06 or 15. `auto`: as its first answer says; `always`: one that does not answer is absent; `none`: what comes in is not looked at.',
    ),
  answerMsMax: z.int().min(50).max(5_000).default(500).describe('How long an answer may take, in ms.'),
  brightness: z
    .int()
    .min(1)
    .max(4)
    .optional()
    .describe('1 (dim) to 4: `04 01 41 31 17` to `… 34 17`. Left as it is when not given.'),
})
export type Dsp800Settings = z.infer<typeof dsp800Settings>
