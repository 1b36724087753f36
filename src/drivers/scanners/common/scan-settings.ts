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
  /** What may stand before a code and is taken off. */
  prefixes: z
    .array(z.string().min(1).max(scannerLimits.prefixCharsMax))
    .max(scannerLimits.prefixesMax)
    .default(['STX']),
  /** `auto` reads and takes off an AIM identifier such as `]E0`; `off` leaves codes as they come. */
  aim: z.enum(['auto', 'off']).default('auto'),
  /** The maker's own marks before a code, for scanners that send no AIM identifier: `{"d": "ean13"}`. */
  codeIds: z
    .record(z.string().min(1).max(4), z.enum(symbologies))
    .refine((ids) => Object.keys(ids).length <= scannerLimits.codeIdsMax, {
      message: `has more than ${scannerLimits.codeIdsMax} marks`,
    })
    .default({}),
  /** What the scanner sends in place of the GS1 separator (GS, 1D), when it cannot send that. */
  gsCharacters: z.array(z.string().min(1).max(8)).max(scannerLimits.gsCharactersMax).default([]),
  /** Look for GS1 data in codes whose symbology is not known, too. May find it in codes that only look like it. */
  gs1Guess: z.boolean().default(false),
  /** The same code again within this time is not told, in ms; 0 tells every scan: two of a kind are two sold. */
  duplicateMs: z.int().min(0).max(10_000).default(0),
}
