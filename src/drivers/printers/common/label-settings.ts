/** Settings that all label printers share: the head, the label, and how the printer answers. */
import { z } from 'zod'
import { printerSettings } from './printer-settings.ts'
import type { PictureLayout } from './receipt-picture.ts'

export const labelSettingsShape = {
  dpi: z
    .literal([203, 300, 600])
    .default(203)
    .describe('Dots an inch of the print head: 203, 300 and 600 are 8, 12 and 24 dots a millimetre.'),
  widthMm: z
    .number()
    .min(10)
    .max(250)
    .default(104)
    .describe('Width of the label in mm, or of the head where it is narrower.'),
  heightMm: z
    .number()
    .min(0)
    .max(1_000)
    .default(0)
    .describe(
      'Height of the label in mm; 0 for continuous paper, where a label is as long as what is on it.',
    ),
  vertical: z
    .enum(['center', 'top'])
    .default('center')
    .describe('Where something shorter than a label of fixed height stands.'),
  columns: z
    .int()
    .min(0)
    .max(200)
    .default(0)
    .describe('Characters of the normal size in a line; 0 for as many as there are at a height of 3 mm.'),
  status: z
    .enum(['asked', 'none'])
    .default('asked')
    .describe('Whether the printer is asked for its status; `none` for one that never answers.'),
  completionMsMax: printerSettings.completionMsMax,
} as const

export type LabelSettings = z.infer<z.ZodObject<typeof labelSettingsShape>>

const dotsPerMm = { 203: 8, 300: 12, 600: 24 } as const

/** Width of a character at 203 dpi: 24 dots high. */
const cellMm = 1.5

/** The label in dots. */
export function labelLayout(settings: LabelSettings): PictureLayout & { readonly dotsPerMm: number } {
  const { dpi, widthMm, heightMm, columns } = settings
  const dots = dotsPerMm[dpi]
  const widthDots = Math.floor(widthMm * dots)
  return {
    dotsPerMm: dots,
    widthDots,
    ...(heightMm === 0 ? {} : { heightDots: Math.max(1, Math.floor(heightMm * dots)) }),
    columns: columns === 0 ? Math.max(1, Math.floor(widthMm / cellMm)) : columns,
  }
}
