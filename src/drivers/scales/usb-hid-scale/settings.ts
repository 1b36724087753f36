/** Settings of a USB HID scale: what a profile says of a model, and a technician may change. */
import { z } from 'zod'

export const usbHidScaleLimits = {
  /** Powers of ten that a weight may have; others are noise. */
  exponentMin: -8,
  exponentMax: 6,
  /** Reports in a row that are no weight reports before the scale counts as faulty. */
  garbledMax: 3,
  /** Longest attribute report that is asked for, in bytes. */
  featureBytesMax: 64,
} as const

export const usbHidScaleSettings = z.strictObject({
  readMsMax: z
    .int()
    .min(100)
    .max(10_000)
    .default(500)
    .describe(
      'How long the scale may say nothing before a read fails, in ms. Scales send 2 to 4 reports a second.',
    ),
  motionMsMax: z
    .int()
    .min(0)
    .max(30_000)
    .default(2_000)
    .describe('How long a read waits for the load to come to rest, in ms; 0 answers `scale_motion` at once.'),
  startMsMax: z
    .int()
    .min(100)
    .max(20_000)
    .default(3_000)
    .describe('How long the first report may take after the scale was plugged in, in ms.'),
  staleReports: z
    .int()
    .min(0)
    .max(10)
    .default(1)
    .describe('Reports after opening that are no weights yet: some scales repeat the last weight of before.'),
  silentMsMax: z
    .int()
    .min(0)
    .max(60_000)
    .default(5_000)
    .describe(
      'Silence after which an idle scale counts as not responding, in ms; 0 for scales that talk only at a change.',
    ),
  layout: z
    .enum(['auto', 'fixed'])
    .default('auto')
    .describe('`fixed` reads report 3 as most scales send it and does not look at the descriptor.'),
  zero: z
    .enum(['auto', 'report2', 'none'])
    .default('auto')
    .describe(
      'How the scale is zeroed: `auto` as its descriptor says, `report2` by output report 2 with bit 0 set, `none` not at all.',
    ),
  zeroMsMax: z
    .int()
    .min(100)
    .max(20_000)
    .default(3_000)
    .describe('How long the scale may take to show zero after the command, in ms.'),
})
export type UsbHidScaleSettings = z.infer<typeof usbHidScaleSettings>
