/** Settings of an Avery Berkel scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { scaleSettingsShape } from '../common/settings.ts'

export const averyBerkelSettings = z.strictObject({
  ...scaleSettingsShape,
  unit: z
    .enum(['auto', 'kg', 'lb'])
    .default('auto')
    .describe('`auto`: as the id byte says. Otherwise a weight in another unit is refused.'),
  decimals: z
    .union([z.literal('auto'), z.int().min(0).max(4)])
    .default('auto')
    .describe('Decimals of the five digits; needed only for capacities that the id byte does not name.'),
  confirm: z
    .enum(['ask-twice', 'echo', 'off'])
    .default('ask-twice')
    .describe(
      'How a weight is made sure of. `ask-twice`: it is asked for twice, has to be the same, and CR tells the scale so. `echo`: it is sent back, and the scale says CR when it is what it sent. `off`: the check byte has to do. Unconfirmed which a model wants.',
    ),
  bcc: z
    .enum(['xor', 'xor-with-etx', 'off'])
    .default('xor')
    .describe(
      'What the check byte counts: all between STX and itself, the same and ETX, or it is not looked at.',
    ),
  commands: z
    .boolean()
    .default(true)
    .describe('Zero and tare by command. Not every scale of the language has them.'),
  stripParity: z
    .boolean()
    .default(true)
    .describe('Bit 7 of what comes in is the parity of a 7-bit line behind an 8-bit adapter.'),
})
export type AveryBerkelSettings = z.infer<typeof averyBerkelSettings>
