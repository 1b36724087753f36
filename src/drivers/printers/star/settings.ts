/** Settings of a Star printer: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { type CodePageName, codePageNames } from '../common/layout/code-pages.ts'

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
  /**
   * The language of the printer: `prnt` StarPRNT (2014 and later), `line` Star Line Mode (before), `graphic` printers that
   * take dots only (TSP100). The first two differ in how pictures are sent.
   */
  mode: z.enum(['prnt', 'line', 'graphic']).default('prnt'),
  /** Printable width in dots: 576 (80 mm), 832 (112 mm), 384 (58 mm). */
  widthDots: z.int().min(100).max(2_000).default(576),
  /** Characters a line in font A (12 dots) and font B (9 dots). */
  columnsA: z.int().min(16).max(120).default(48),
  columnsB: z.int().min(16).max(160).default(64),
  /** Height of font A in dots, for text drawn as a raster. */
  cellHeightDots: z.int().min(12).max(64).default(24),
  /** ESC GS t number of each code page the printer has; the order is the order of preference. */
  codePages: z.partialRecord(z.enum(codePageNames), z.int().min(0).max(255)).default({ ...starCodePages }),
  /** Two-byte characters the printer's ROM has. */
  kanji: z.enum(['none', 'shift-jis']).default('none'),
  /** Rows of an image sent in one command. */
  imageBandRows: z.int().min(8).max(2_400).default(240),
  /** Barcodes by ESC b; otherwise drawn. */
  nativeBarcodes: z.boolean().default(true),
  /** QR by ESC GS y; otherwise drawn. */
  nativeQr: z.boolean().default(true),
  /** PDF417 by ESC GS x, whose size depends on the printer; otherwise drawn. */
  nativePdf417: z.boolean().default(false),
  cut: z.enum(['full', 'partial', 'none']).default('partial'),
  /** Lines fed before the cut; 0, for the cut command feeds to the blade by itself. */
  cutFeedLines: z.int().min(0).max(12).default(0),
  /** A buzzer hangs on the drawer connector (ESC GS BEL). Never with a drawer there: its solenoid would burn. */
  buzzer: z.boolean().default(false),
  /**
   * How the printer says that it printed: `document` echoes an id behind each copy (ESC GS ETX), `etb` counts (ETB) and shows
   * the count in its status, `none` never.
   */
  completion: z.enum(['document', 'etb', 'none']).default('document'),
  /** Whether live status is to be had: automatic status, only when asked, or nothing. */
  status: z.enum(['asb', 'ask', 'none']).default('asb'),
  /** Longest silence after the data before the outcome is unknown, while no fault is reported, in ms. */
  completionMsMax: z.int().min(500).max(300_000).default(20_000),
  /** Other programs print on this printer too, so that its counters prove nothing of our jobs. */
  shared: z.boolean().default(false),
  drawer: z.boolean().default(true),
  /** Level of the compulsion switch bit while the drawer is open; depends on the drawer. */
  drawerOpenLevel: z.enum(['high', 'low']).default('high'),
  /** Whether the drawer's switch is wired at all. */
  drawerSense: z.boolean().default(true),
  /** The printer obeys FS and EM at once while it is offline, out of paper above all. Unconfirmed on every model. */
  drawerRealTime: z.boolean().default(false),
  /** Pulse on and off time of drawer 1 in ms (10 ms steps); drawer 2 has the printer's own 200 ms. */
  drawerPulseOnMs: z.int().min(10).max(1_270).default(200),
  drawerPulseOffMs: z.int().min(10).max(1_270).default(800),
})
export type StarSettings = z.infer<typeof starSettingsSchema>
