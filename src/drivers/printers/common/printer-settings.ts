/** Settings that mean the same to drivers of several languages; each names them among its own, in the order of its form. */
import { z } from 'zod'

export const printerSettings = {
  cellHeightDots: z
    .int()
    .min(12)
    .max(64)
    .default(24)
    .describe('Height of font A in dots, for text drawn as a raster.'),
  kanji: z.enum(['none', 'shift-jis']).default('none').describe("Two-byte characters the printer's ROM has."),
  cut: z
    .enum(['full', 'partial', 'none'])
    .default('partial')
    .describe('The cut of the model; `none`: it has no cutter.'),
  completionMsMax: z
    .int()
    .min(500)
    .max(300_000)
    .default(20_000)
    .describe(
      'Longest silence after the data before the outcome is unknown, while no fault is reported, in ms.',
    ),
  drawer: z.boolean().default(true).describe('The printer has a connector for a cash drawer.'),
  drawerSense: z.boolean().default(true).describe("Whether the drawer's switch is wired at all."),
} as const
