/** Settings that every scanner has: what it puts before a code, and what it sends in place of GS. */
import { z } from 'zod'
import { symbologies } from '../../framing/symbologies.ts'

export const scannerLimits = {
  prefixesMax: 8,
  prefixCharsMax: 16,
  suffixesMax: 8,
  codeIdsMax: 64,
  gsCharactersMax: 8,
} as const

/** Fields of a settings object, to be spread into a driver's own. */
export const scanSettings = {
  prefixes: z
    .array(z.string().min(1).max(scannerLimits.prefixCharsMax))
    .max(scannerLimits.prefixesMax)
    .default(['STX'])
    .describe('What may stand before a code and is taken off.'),
  aim: z
    .enum(['auto', 'off'])
    .default('auto')
    .describe('`auto` reads and takes off an AIM identifier such as `]E0`; `off` leaves codes as they come.'),
  codeIds: z
    .record(z.string().min(1).max(4), z.enum(symbologies))
    .refine((ids) => Object.keys(ids).length <= scannerLimits.codeIdsMax, {
      message: `has more than ${scannerLimits.codeIdsMax} marks`,
    })
    .default({})
    .describe(
      `The maker's own marks before a code, for scanners that send no AIM identifier: \`{"d": "ean13"}\`.`,
    ),
  gsCharacters: z
    .array(z.string().min(1).max(8))
    .max(scannerLimits.gsCharactersMax)
    .default([])
    .describe('What the scanner sends in place of the GS1 separator (GS, 1D), when it cannot send that.'),
  gs1Guess: z
    .boolean()
    .default(false)
    .describe(
      'Look for GS1 data in codes whose symbology is not known, too. May find it in codes that only look like it.',
    ),
  duplicateMs: z
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .describe(
      'The same code again within this time is not told, in ms; 0 tells every scan: two of a kind are two sold.',
    ),
}
