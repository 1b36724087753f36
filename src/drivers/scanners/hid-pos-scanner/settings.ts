/** Settings of a HID POS scanner: how its reports are built where models differ, and how its codes are read. */
import { z } from 'zod'
import { scanSettings } from '../common/scan-settings.ts'

export const hidPosScannerLimits = {
  /** Longest switch-on report, in bytes. */
  switchOnBytesMax: 64,
} as const

export const hidPosScannerSettings = z.strictObject({
  ...scanSettings,
  layout: z
    .enum(['auto', 'fixed'])
    .default('auto')
    .describe('`fixed` reads report 2 as most scanners send it and does not look at the descriptor.'),
  shift: z
    .enum(['auto', '0', '1'])
    .default('auto')
    .describe(
      'Models that have one byte more before the AIM identifier: `auto` looks where its `]` stands, `0` and `1` know.',
    ),
  countExtra: z
    .int()
    .min(0)
    .max(4)
    .default(0)
    .describe(
      'How many more the length byte counts than there are bytes of code: 1 when it counts a terminator that is not sent.',
    ),
  trimSuffix: z
    .boolean()
    .default(true)
    .describe(
      'Take CR, LF or TAB off the end of a code: a suffix that was programmed for the keyboard mode.',
    ),
  vendorSymbology: z
    .enum(['none', 'honeywell'])
    .default('none')
    .describe("The maker's own symbology byte, for codes without AIM identifier."),
  switchOn: z
    .string()
    .regex(/^([0-9a-f]{2})*$/, 'is not bytes in lower-case hex')
    .refine((hex) => hex.length <= 2 * hidPosScannerLimits.switchOnBytesMax, {
      message: `is longer than ${hidPosScannerLimits.switchOnBytesMax} bytes`,
    })
    .default('')
    .describe(
      'Feature report that switches the scanner to this mode, in hex with the report id first: `fe01`. Empty: none.',
    ),
  codeBytesMax: z
    .int()
    .min(8)
    .max(16_384)
    .default(8_192)
    .describe('Longest code over all its reports, in bytes. A longer one is dropped and logged.'),
  continueMsMax: z
    .int()
    .min(20)
    .max(10_000)
    .default(500)
    .describe(
      'How long the next report of a code may take, in ms; what began before is then dropped: half a code is a wrong code.',
    ),
  encoding: z
    .enum(['utf-8', 'latin1'])
    .default('utf-8')
    .describe(
      '`latin1` for scanners that send one byte a character; `utf-8` falls back to it for what is not UTF-8.',
    ),
})
export type HidPosScannerSettings = z.infer<typeof hidPosScannerSettings>
