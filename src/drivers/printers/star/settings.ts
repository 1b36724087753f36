/** Settings of a Star printer: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { type CodePageName, codePageNames } from '../common/layout/code-pages.ts'
import { printerSettings } from '../common/printer-settings.ts'

/**
 * ESC GS t numbers (Star line mode and StarPRNT specifications, "Select code page"), in the order of preference. Katakana and
 * the pages that the sources spell differently (CP928, CP3840 and up) are left out.
 */
export const starCodePages: Readonly<Partial<Record<CodePageName, number>>> = {
  cp858: 4,
  'windows-1252': 32,
  cp437: 1,
  cp852: 5,
  'windows-1250': 33,
  cp866: 10,
  'windows-1251': 34,
  cp737: 15,
  cp857: 12,
  cp862: 13,
  cp865: 9,
  cp863: 8,
  cp860: 6,
  cp861: 7,
  cp855: 11,
  cp869: 17,
}

export const starSettingsSchema = z.strictObject({
  mode: z
    .enum(['prnt', 'line', 'graphic'])
    .default('prnt')
    .describe(
      'The language of the printer: `prnt` StarPRNT (2014 and later), `line` Star Line Mode (before), `graphic` printers that take dots only (TSP100). The first two differ in how pictures are sent.',
    ),
  widthDots: z
    .int()
    .min(100)
    .max(2_000)
    .default(576)
    .describe('Printable width in dots: 576 (80 mm), 832 (112 mm), 384 (58 mm).'),
  columnsA: z.int().min(16).max(120).default(48).describe('Characters a line in font A (12 dots).'),
  columnsB: z.int().min(16).max(160).default(64).describe('Characters a line in font B (9 dots).'),
  cellHeightDots: printerSettings.cellHeightDots,
  codePages: z
    .partialRecord(z.enum(codePageNames), z.int().min(0).max(255))
    .default({ ...starCodePages })
    .describe('ESC GS t number of each code page the printer has; the order is the order of preference.'),
  kanji: printerSettings.kanji,
  imageBandRows: z.int().min(8).max(2_400).default(240).describe('Rows of an image sent in one command.'),
  nativeBarcodes: z.boolean().default(true).describe('Barcodes by ESC b; otherwise drawn.'),
  nativeQr: z.boolean().default(true).describe('QR by ESC GS y; otherwise drawn.'),
  nativePdf417: z
    .boolean()
    .default(false)
    .describe('PDF417 by ESC GS x, whose size depends on the printer; otherwise drawn.'),
  cut: printerSettings.cut,
  cutFeedLines: z
    .int()
    .min(0)
    .max(12)
    .default(0)
    .describe('Lines fed before the cut; 0, for the cut command feeds to the blade by itself.'),
  buzzer: z
    .boolean()
    .default(false)
    .describe(
      'A buzzer hangs on the drawer connector (ESC GS BEL). Never with a drawer there: its solenoid would burn.',
    ),
  completion: z
    .enum(['document', 'etb', 'none'])
    .default('document')
    .describe(
      'How the printer says that it printed: `document` echoes an id behind each copy (ESC GS ETX), `etb` counts (ETB) and shows the count in its status, `none` never.',
    ),
  status: z
    .enum(['asb', 'ask', 'none'])
    .default('asb')
    .describe('Whether live status is to be had: automatic status, only when asked, or nothing.'),
  completionMsMax: printerSettings.completionMsMax,
  shared: z
    .boolean()
    .default(false)
    .describe('Other programs print on this printer too, so that its counters prove nothing of our jobs.'),
  drawer: printerSettings.drawer,
  drawerOpenLevel: z
    .enum(['high', 'low'])
    .default('high')
    .describe('Level of the compulsion switch bit while the drawer is open; depends on the drawer.'),
  drawerSense: printerSettings.drawerSense,
  drawerRealTime: z
    .boolean()
    .default(false)
    .describe(
      'The printer obeys FS and EM at once while it is offline, out of paper above all. Unconfirmed on every model.',
    ),
  drawerPulseOnMs: z
    .int()
    .min(10)
    .max(1_270)
    .default(200)
    .describe(
      "How long the pulse of drawer 1 is on, in ms (10 ms steps); drawer 2 has the printer's own 200 ms.",
    ),
  drawerPulseOffMs: z
    .int()
    .min(10)
    .max(1_270)
    .default(800)
    .describe('How long it is off after that, in ms (10 ms steps).'),
})
export type StarSettings = z.infer<typeof starSettingsSchema>
