/** Settings of an ESC/POS printer: what a profile says of a model, and a technician may change. */
import { z } from 'zod'
import { type CodePageName, codePageNames } from '../common/layout/code-pages.ts'

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
  /** Printable width in dots: 576 (80 mm, 203 dpi), 512 (TM-T88, 180 dpi), 384 (58 mm). */
  widthDots: z.int().min(100).max(2_000).default(576),
  /** Characters a line in font A and font B. */
  columnsA: z.int().min(16).max(120).default(48),
  columnsB: z.int().min(16).max(160).default(64),
  /** Height of font A in dots, for text drawn as a raster. */
  cellHeightDots: z.int().min(12).max(64).default(24),
  /** ESC t number of each code page the printer has; the order is the order of preference. */
  codePages: z.partialRecord(z.enum(codePageNames), z.int().min(0).max(255)).default({ ...epsonCodePages }),
  /** Two-byte characters the printer's ROM has. */
  kanji: z.enum(['none', 'shift-jis']).default('none'),
  /** How images are sent: `raster` GS v 0 (universal), `graphics` GS ( L (Epson, newer). */
  imageCommand: z.enum(['raster', 'graphics']).default('raster'),
  /** Rows of an image sent in one command; small for printers with small buffers. */
  imageBandRows: z.int().min(8).max(2_400).default(256),
  /** Native QR by GS ( k; otherwise drawn as an image. */
  nativeQr: z.boolean().default(true),
  nativePdf417: z.boolean().default(true),
  /** Whether each job begins by leaving two-byte mode (FS .), in which many printers of Chinese make start. */
  oneByteMode: z.boolean().default(true),
  cut: z.enum(['full', 'partial', 'none']).default('partial'),
  /** Lines fed before the cut so that the last line is past the blade. */
  cutFeedLines: z.int().min(0).max(12).default(3),
  buzzer: z.enum(['none', 'epson', 'clone']).default('none'),
  /** How the printer says that it printed: process id (GS ( H), status after data (GS r 1), or never. */
  completion: z.enum(['process-id', 'status-after-data', 'none']).default('status-after-data'),
  /** Whether live status is to be had: automatic status back, only DLE EOT, or nothing. */
  status: z.enum(['asb', 'dle-eot', 'none']).default('asb'),
  /** Identity by GS I. */
  identity: z.boolean().default(true),
  /** Longest silence after the data before the outcome is unknown, while no fault is reported, in ms. */
  completionMsMax: z.int().min(500).max(300_000).default(20_000),
  drawer: z.boolean().default(true),
  /** Level of pin 3 while the drawer is open; depends on the cable. */
  drawerOpenLevel: z.enum(['high', 'low']).default('high'),
  /** Whether the drawer's switch is wired at all. */
  drawerSense: z.boolean().default(true),
  /** The printer has the real-time pulse (DLE DC4 1): the drawer opens while it is offline, out of paper above all. */
  drawerRealTime: z.boolean().default(false),
  /** Pulse on and off time in ms (2 ms steps). */
  drawerPulseOnMs: z.int().min(20).max(500).default(50),
  drawerPulseOffMs: z.int().min(20).max(510).default(500),
  /** Whether the printer counts cuts (GS g 2), which tells after a lost link whether a job was finished. */
  cutCounter: z.boolean().default(false),
})
export type EscposSettings = z.infer<typeof escposSettingsSchema>
