/** Settings of an ESC/POS display. */
import { z } from 'zod'
import { byteSchema, poleFields } from '../common/pole-settings.ts'

export const escposDisplaySettings = z.strictObject({
  ...poleFields,
  /** The number of the code page for `ESC t`, where a model counts them otherwise. */
  codePageNumber: byteSchema.optional(),
  /** 1 (dim) to 4. Left as it is when not given. */
  brightness: z.int().min(1).max(4).optional(),
  /** `ESC @` at the start. Off for models that lose a setting with it. */
  initialise: z.boolean().default(true),
  /** The display sits between the hub and a printer: `ESC = 2` before its bytes and `ESC = 1` after them. */
  sharedCable: z.boolean().default(false),
})
export type EscposDisplaySettings = z.infer<typeof escposDisplaySettings>
