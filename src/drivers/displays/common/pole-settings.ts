/** Settings that all displays of letters have. */
import { z } from 'zod'
import { codePages } from './letters.ts'

export const poleLimits = {
  /** Longest greeting that replaces a driver's own, in bytes. */
  initBytesMax: 64,
} as const

export const byteSchema = z.int().min(0).max(255)

/** Fields for the settings of a language; `z.strictObject({ ...poleFields, … })`. */
export const poleFields = {
  columns: z.int().min(8).max(40).default(20).describe('Characters of a line.'),
  rows: z.int().min(1).max(4).default(2).describe('Lines of the display.'),
  codePage: z
    .enum(codePages)
    .default('cp437')
    .describe(
      'The code page that the display has switched on; what it has not is spelt in the nearest letters.',
    ),
  idleLines: z
    .array(z.string().max(80))
    .max(4)
    .default([])
    .describe(
      'What stands there while nobody buys: at the start and after display.clear. Lines that are missing are blank.',
    ),
  totalLabel: z.string().max(40).default('Total').describe('Stands before a total without a label.'),
  init: z
    .array(byteSchema)
    .max(poleLimits.initBytesMax)
    .optional()
    .describe("Bytes sent at the start instead of the driver's own greeting."),
} as const

export interface PoleSettings {
  columns: number
  rows: number
  codePage: (typeof codePages)[number]
  idleLines: string[]
  totalLabel: string
  init?: number[] | undefined
}
