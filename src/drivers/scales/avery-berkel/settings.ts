/** Settings of an Avery Berkel scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const averyBerkelSettings = z.strictObject({
  ...scaleSettingsShape,
  /** `auto`: as the id byte says. Otherwise a weight in another unit is refused. */
  unit: z.enum(['auto', 'kg', 'lb']).default('auto'),
  /** Decimals of the five digits; needed only for capacities that the id byte does not name. */
  decimals: z.union([z.literal('auto'), z.int().min(0).max(4)]).default('auto'),
  /**
   * How a weight is made sure of. `ask-twice`: it is asked for twice, has to be the same, and CR tells the scale so. `echo`: it is
   * sent back, and the scale says CR when it is what it sent. `off`: the check byte has to do. Unconfirmed which a model wants.
   */
  confirm: z.enum(['ask-twice', 'echo', 'off']).default('ask-twice'),
  /** What the check byte counts: all between STX and itself, the same and ETX, or it is not looked at. */
  bcc: z.enum(['xor', 'xor-with-etx', 'off']).default('xor'),
  /** Zero and tare by command. Not every scale of the language has them. */
  commands: z.boolean().default(true),
  /** Bit 7 of what comes in is the parity of a 7-bit line behind an 8-bit adapter. */
  stripParity: z.boolean().default(true),
})
export type AveryBerkelSettings = z.infer<typeof averyBerkelSettings>
