/** Settings of an ESC/POS display. */
import { z } from 'zod'
import { byteSchema, poleFields } from '../common/pole-settings.ts'

export const escposDisplaySettings = z.strictObject({
  ...poleFields,
  codePageNumber: byteSchema
    .optional()
    .describe('The number of the code page for `ESC t`, where a model counts them otherwise.'),
  brightness: z.int().min(1).max(4).optional().describe('1 (dim) to 4. Left as it is when not given.'),
  initialise: z
    .boolean()
    .default(true)
    .describe('`ESC @` at the start. Off for models that lose a setting with it.'),
  sharedCable: z
    .boolean()
    .default(false)
    .describe(
      'The display sits between the hub and a printer: `ESC = 2` before its bytes and `ESC = 1` after them.',
    ),
})
export type EscposDisplaySettings = z.infer<typeof escposDisplaySettings>
