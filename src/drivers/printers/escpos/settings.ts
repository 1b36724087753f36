/** Settings of an ESC/POS printer: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { type CodePageName, codePageNames } from '../common/layout/code-pages.ts'
import { printerSettings } from '../common/printer-settings.ts'

/**
 * ESC t numbers in the Epson manner; clones differ, so a profile may replace the table. In the order of preference: what
 * most receipts need and most printers have comes first, pages that are rare or badly documented last.
 */
export const epsonCodePages: Readonly<Partial<Record<CodePageName, number>>> = {
  cp858: 19,
  'windows-1252': 16,
  cp437: 0,
  cp850: 2,
  cp852: 18,
  'windows-1250': 45,
  cp866: 17,
  'windows-1251': 46,
  cp737: 14,
  'windows-1253': 47,
  cp857: 13,
  'windows-1254': 48,
  cp775: 33,
  'windows-1257': 51,
  cp862: 36,
  'windows-1255': 49,
  cp865: 5,
  cp863: 4,
  cp860: 3,
  cp861: 35,
  'iso-8859-15': 40,
  'iso-8859-2': 39,
  'iso-8859-7': 15,
  cp855: 34,
  cp869: 38,
  'windows-1258': 52,
  cp1125: 44,
  'windows-1256': 50,
  cp720: 32,
  cp864: 37,
  cp1098: 41,
  katakana: 1,
  cp851: 11,
  cp853: 12,
}

export const escposSettingsSchema = z.strictObject({
  widthDots: z
    .int()
    .min(100)
    .max(2_000)
    .default(576)
    .describe('Printable width in dots: 576 (80 mm, 203 dpi), 512 (TM-T88, 180 dpi), 384 (58 mm).'),
  columnsA: z.int().min(16).max(120).default(48).describe('Characters a line in font A.'),
  columnsB: z.int().min(16).max(160).default(64).describe('Characters a line in font B.'),
  cellHeightDots: printerSettings.cellHeightDots,
  codePages: z
    .partialRecord(z.enum(codePageNames), z.int().min(0).max(255))
    .default({ ...epsonCodePages })
    .describe('ESC t number of each code page the printer has; the order is the order of preference.'),
  kanji: printerSettings.kanji,
  imageCommand: z
    .enum(['raster', 'graphics'])
    .default('raster')
    .describe('How images are sent: `raster` GS v 0 (universal), `graphics` GS ( L (Epson, newer).'),
  imageBandRows: z
    .int()
    .min(8)
    .max(2_400)
    .default(256)
    .describe('Rows of an image sent in one command; small for printers with small buffers.'),
  nativeQr: z.boolean().default(true).describe('Native QR by GS ( k; otherwise drawn as an image.'),
  nativePdf417: z.boolean().default(true).describe('PDF417 by GS ( k; otherwise drawn as an image.'),
  oneByteMode: z
    .boolean()
    .default(true)
    .describe(
      'Whether each job begins by leaving two-byte mode (FS .), in which many printers of Chinese make start.',
    ),
  cut: printerSettings.cut,
  cutFeedLines: z
    .int()
    .min(0)
    .max(12)
    .default(3)
    .describe('Lines fed before the cut so that the last line is past the blade.'),
  buzzer: z
    .enum(['none', 'epson', 'clone'])
    .default('none')
    .describe('The buzzer, and whose command it takes.'),
  completion: z
    .enum(['process-id', 'status-after-data', 'none'])
    .default('status-after-data')
    .describe(
      'How the printer says that it printed: process id (GS ( H), status after data (GS r 1), or never.',
    ),
  status: z
    .enum(['asb', 'dle-eot', 'none'])
    .default('asb')
    .describe('Whether live status is to be had: automatic status back, only DLE EOT, or nothing.'),
  identity: z.boolean().default(true).describe('Identity by GS I.'),
  completionMsMax: printerSettings.completionMsMax,
  drawer: printerSettings.drawer,
  drawerOpenLevel: z
    .enum(['high', 'low'])
    .default('high')
    .describe('Level of pin 3 while the drawer is open; depends on the cable.'),
  drawerSense: printerSettings.drawerSense,
  drawerRealTime: z
    .boolean()
    .default(false)
    .describe(
      'The printer has the real-time pulse (DLE DC4 1): the drawer opens while it is offline, out of paper above all.',
    ),
  drawerPulseOnMs: z
    .int()
    .min(20)
    .max(500)
    .default(50)
    .describe('How long the pulse is on, in ms (2 ms steps).'),
  drawerPulseOffMs: z
    .int()
    .min(20)
    .max(510)
    .default(500)
    .describe('How long it is off after that, in ms (2 ms steps).'),
  cutCounter: z
    .boolean()
    .default(false)
    .describe(
      'Whether the printer counts cuts (GS g 2), which tells after a lost link whether a job was finished.',
    ),
})
export type EscposSettings = z.infer<typeof escposSettingsSchema>
