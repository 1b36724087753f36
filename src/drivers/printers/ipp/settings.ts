/** Settings of an IPP printer: what a profile says of a model, and a technician may change. */
import { z } from 'zod'

/** Paper by its name of PWG 5101.1, in mm. */
export const paperSizes = {
  iso_a4_210x297mm: [210, 297],
  iso_a5_148x210mm: [148, 210],
  iso_a6_105x148mm: [105, 148],
  'na_letter_8.5x11in': [215.9, 279.4],
  'na_legal_8.5x14in': [215.9, 355.6],
} as const
export const paperNames = Object.keys(paperSizes) as (keyof typeof paperSizes)[]

export const ippSettingsSchema = z.strictObject({
  paper: z
    .enum(paperNames as [keyof typeof paperSizes, ...(keyof typeof paperSizes)[]])
    .default('iso_a4_210x297mm')
    .describe('Paper that receipts, texts and pictures are set on; sent as the media of the job.'),
  sendMedia: z
    .boolean()
    .default(true)
    .describe('Whether the paper is named in the job; otherwise the printer takes its default.'),
  marginMm: z
    .number()
    .min(0)
    .max(40)
    .default(10)
    .describe('White around what is drawn, in mm: few page printers print to the edge.'),
  dpi: z.literal([150, 200, 300, 600]).default(300).describe('Dots an inch of drawn pages.'),
  columns: z.int().min(20).max(160).default(80).describe('Characters of the normal size in a line.'),
  sides: z
    .enum(['one-sided', 'two-sided-long-edge', 'two-sided-short-edge'])
    .exactOptional()
    .describe('Sides of the paper; left to the printer without it.'),
  rawFormat: z
    .string()
    .regex(/^[a-z]+\/[a-z0-9.+-]{1,80}$/, 'is not a MIME type')
    .exactOptional()
    .describe(
      'MIME type of `raw` payloads, for a printer whose own language somebody speaks; without it they are refused.',
    ),
  version: z
    .enum(['2.0', '1.1'])
    .default('2.0')
    .describe('Version of the protocol in requests: 2.0, or 1.1 for old printers.'),
  completionMsMax: z
    .int()
    .min(5_000)
    .max(3_600_000)
    .default(180_000)
    .describe(
      'Longest that a job may stay in one state, while no fault is reported, before its outcome is unknown, in ms.',
    ),
})
export type IppSettings = z.infer<typeof ippSettingsSchema>
