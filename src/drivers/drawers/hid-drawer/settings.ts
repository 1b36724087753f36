/** Settings of a HID drawer: the report that opens it, and the bit that says it is open. No maker publishes them. */
import { z } from 'zod'

export const hidDrawerLimits = {
  /** Longest report that opens a drawer, in bytes. */
  openReportBytesMax: 64,
} as const

const hexSchema = z
  .string()
  .regex(/^([0-9a-f]{2})*$/, 'is not bytes in lower-case hex')
  .refine((hex) => hex.length <= 2 * hidDrawerLimits.openReportBytesMax, {
    message: `is longer than ${hidDrawerLimits.openReportBytesMax} bytes`,
  })

export const hidDrawerSettings = z
  .strictObject({
    openReport: hexSchema
      .default('')
      .describe(
        'The report that opens the drawer, in hex with the report id first (`00` on a device without ids): `0001`. Empty: the hub does not know how, and opens nothing.',
      ),
    openReport2: hexSchema.default('').describe('The same for a second drawer on the device.'),
    openVia: z.enum(['output', 'feature']).default('output').describe('Which kind of report it is.'),
    sense: z
      .enum(['none', 'input'])
      .default('none')
      .describe('Whether input reports say that the drawer is open.'),
    senseByte: z
      .int()
      .min(0)
      .max(63)
      .default(0)
      .describe(
        'The byte of the input report that says it, counted from 0 with the report id where the device has ids.',
      ),
    senseMask: z.int().min(1).max(255).default(1).describe('The bits of that byte that count.'),
    senseOpen: z.int().min(0).max(255).default(1).describe('What those bits are when the drawer is open.'),
    senseReportId: z
      .int()
      .min(-1)
      .max(255)
      .default(-1)
      .describe('Only input reports that begin with this byte (the report id) count; -1: every one.'),
    openMsMax: z
      .int()
      .min(50)
      .max(10_000)
      .default(1_000)
      .describe('How long the drawer may take to say that it is open, in ms.'),
  })
  .refine(({ senseMask, senseOpen }) => (senseOpen & ~senseMask) === 0, {
    path: ['senseOpen'],
    message: 'has bits that are not in senseMask',
  })
export type HidDrawerSettings = z.infer<typeof hidDrawerSettings>
