/** Settings of an AEDEX (EMAX) display. */
import { z } from 'zod'
import { byteSchema, poleFields } from '../common/pole-settings.ts'

export const aedexSettings = z.strictObject({
  ...poleFields,
  rows: z.int().min(1).max(2).default(2).describe('Lines of the display.'),
  attention: z
    .tuple([byteSchema, byteSchema])
    .default([0x21, 0x23])
    .describe(
      'The two attention characters that begin a command; `!#` at the factory, and they can be changed on the display.',
    ),
  lineWrite: z
    .enum(['both', 'lines'])
    .default('lines')
    .describe('`both`: one command of all lines. `lines`: one command a line.'),
  reset: z
    .boolean()
    .default(false)
    .describe('`!#A` at the start, which the Logic Controls PDx3 knows; other models may not.'),
})
export type AedexSettings = z.infer<typeof aedexSettings>
