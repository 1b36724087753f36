/** Settings of a Magellan on a single cable: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { controls, controlText } from '../../framing/controls.ts'
import { symbologies } from '../../framing/symbologies.ts'
import { scaleSettingsShape } from '../common/settings.ts'

export const magellanLimits = {
  /**
   * An answer that comes sooner than this, in ms, behind a label may be part of that label (a code can hold CR and anything
   * after it): it is not believed, and the scale is asked again.
   */
  behindLabelMs: 20,
  codeIdsMax: 64,
} as const

const ascii = (charsMax: number) =>
  z
    .string()
    .max(4)
    .refine((text) => controlText(text).length <= charsMax && /^[\x00-\x7f]*$/.test(controlText(text)), {
      message: `is neither one of ${Object.keys(controls).join(', ')} nor up to ${charsMax} characters`,
    })

/** Commands of the scanner are S and digits. */
const command = z.string().regex(/^[A-Za-z0-9]{1,16}$/, 'is not a command of letters and digits')

export const magellanSettings = z.strictObject({
  ...scaleSettingsShape,
  start: ascii(1)
    .default('S')
    .describe(
      "What begins a request, an answer and a label: 'STX character' in the scanner's manual, `S` from the factory.",
    ),
  end: ascii(2)
    .refine((text) => text !== '', { message: 'is empty' })
    .default('CR')
    .describe("What ends them: 'ETX character' in the manual."),
  ask: z
    .enum(['S14', 'S11'])
    .default('S14')
    .describe(
      '`S14` is answered in every state of the scale. `S11` is answered only by a load at rest: silence then means anything, and the device is not ready before something lies on it.',
    ),
  unit: z
    .enum(['auto', 'kg', 'lb'])
    .default('auto')
    .describe('`auto`: five digits are kilograms, four are pounds. A weight in the other form is refused.'),
  decimals: z
    .union([z.literal('auto'), z.int().min(0).max(4)])
    .default('auto')
    .describe('Decimals of a weight; `auto`: three for kilograms, two for pounds.'),
  label: z
    .string()
    .max(8)
    .default('08')
    .describe(
      'What begins a label behind `start`; empty: everything that is no answer of the scale is a label.',
    ),
  codeIds: z
    .record(z.string().min(1).max(4), z.enum(symbologies))
    .refine((ids) => Object.keys(ids).length <= magellanLimits.codeIdsMax, {
      message: `has more than ${magellanLimits.codeIdsMax} marks`,
    })
    .default({
      A: 'upca',
      E: 'upce',
      F: 'ean13',
      FF: 'ean8',
      B1: 'code39',
      B2: 'itf',
      B3: 'code128',
      R4: 'gs1-databar',
      Dm: 'datamatrix',
      QR: 'qr',
      ']C1': 'gs1-128',
      ']d2': 'gs1-datamatrix',
      ']e0': 'gs1-databar',
      ']Q3': 'gs1-qr',
    })
    .describe(
      'Marks before the data of a label and the symbologies they stand for; the longest that fits counts.',
    ),
  gsCharacters: z
    .array(z.string().min(1).max(8))
    .max(8)
    .default([])
    .describe('What the scanner sends in place of the GS1 separator (GS, 1D), when it cannot send that.'),
  labelBytesMax: z
    .int()
    .min(16)
    .max(16_384)
    .default(8_192)
    .describe('Longest label in bytes; a longer one is noise and is dropped.'),
  stripParity: z
    .boolean()
    .default(false)
    .describe('Bit 7 of what comes in is the parity of a 7-bit line behind an 8-bit adapter.'),
  enableCommand: command
    .optional()
    .describe(
      'Sent once at the start, such as `S01` to switch the scanner on. Unconfirmed, so nothing is sent.',
    ),
  beepCommand: command
    .optional()
    .describe('Sent after each label, such as `S334` for a beep. Unconfirmed, so nothing is sent.'),
})
export type MagellanSettings = z.infer<typeof magellanSettings>
