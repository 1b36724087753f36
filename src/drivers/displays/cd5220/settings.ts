/** Settings of a CD5220 display. */
import { z } from 'zod'
import { byteSchema, poleFields } from '../common/pole-settings.ts'

export const cd5220Settings = z.strictObject({
  ...poleFields,
  rows: z.int().min(1).max(2).default(2).describe('The language has commands for an upper and a lower line.'),
  lineWrite: z
    .enum(['line', 'position'])
    .default('line')
    .describe(
      'How lines are written: by the line commands `ESC Q A` and `ESC Q B`, or by placing the cursor with `ESC l`.',
    ),
  brightness: z
    .int()
    .min(1)
    .max(4)
    .optional()
    .describe('`ESC * n`, 1 (dim) to 4. Left as it is when not given; not every model has it.'),
  cursorOff: z
    .boolean()
    .default(false)
    .describe(
      '`ESC _ 0` at the start; not every model has it, and one that has not may show its last byte as a letter.',
    ),
  font: z
    .string()
    .regex(/^[A-Z]$/, 'is not one capital letter')
    .optional()
    .describe(
      'The character for `ESC f` that selects the letters of a country, `U` the USA, `G` Germany, … Left as it is when not given.',
    ),
  codePageNumber: byteSchema
    .optional()
    .describe(
      'The number for `ESC t` that selects the code page, for models that have it (an ESC/POS command).',
    ),
})
export type Cd5220Settings = z.infer<typeof cd5220Settings>
