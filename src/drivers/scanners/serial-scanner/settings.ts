/** Settings of a serial scanner: how it is programmed to frame and mark what it reads. */
import { z } from 'zod'
import { symbologies } from './symbologies.ts'

export const scannerLimits = {
  prefixesMax: 8,
  prefixCharsMax: 16,
  suffixesMax: 8,
  codeIdsMax: 64,
} as const

/** Control characters by the names that scanner manuals use. */
const controls: Readonly<Record<string, string>> = {
  STX: '\x02',
  ETX: '\x03',
  TAB: '\t',
  LF: '\n',
  CR: '\r',
  CRLF: '\r\n',
  GS: '\x1d',
  RS: '\x1e',
  EOT: '\x04',
}

/** What a text in the settings stands for: the control character of that name, or itself. */
export const controlText = (text: string): string => controls[text] ?? text

const suffixSchema = z
  .string()
  .min(1)
  .max(4)
  .refine((text) => controlText(text).length <= 2 && isAscii(controlText(text)), {
    message: `is neither one of ${Object.keys(controls).join(', ')} nor one or two characters`,
  })

export const serialScannerSettings = z.strictObject({
  /** What ends a scan: names of control characters, or one or two characters. */
  suffixes: z.array(suffixSchema).max(scannerLimits.suffixesMax).default(['CR', 'LF', 'CRLF', 'TAB', 'ETX']),
  /** What may stand before a code and is taken off. */
  prefixes: z
    .array(z.string().min(1).max(scannerLimits.prefixCharsMax))
    .max(scannerLimits.prefixesMax)
    .default(['STX']),
  /** A pause of this length ends a scan that no suffix ended, in ms; 0: only a suffix does. */
  idleGapMs: z.int().min(0).max(5_000).default(50),
  /** `auto` reads and takes off an AIM identifier such as `]E0`; `off` leaves codes as they come. */
  aim: z.enum(['auto', 'off']).default('auto'),
  /** Longest scan, in bytes. A longer one is noise or two scans run together: it is dropped and logged. */
  codeBytesMax: z.int().min(8).max(16_384).default(8_192),
  /** The maker's own marks before a code, for scanners that send no AIM identifier: `{"d": "ean13"}`. */
  codeIds: z
    .record(z.string().min(1).max(4), z.enum(symbologies))
    .refine((ids) => Object.keys(ids).length <= scannerLimits.codeIdsMax, {
      message: `has more than ${scannerLimits.codeIdsMax} marks`,
    })
    .default({}),
  /** What the scanner sends in place of the GS1 separator (GS, 1D), when it cannot send that. */
  gsCharacters: z.array(z.string().min(1).max(8)).max(8).default([]),
  /** Look for GS1 data in codes whose symbology is not known, too. May find it in codes that only look like it. */
  gs1Guess: z.boolean().default(false),
  /** `latin1` for scanners that send one byte a character; `utf-8` falls back to it for what is not UTF-8. */
  encoding: z.enum(['utf-8', 'latin1']).default('utf-8'),
  /** The same code again within this time is not told, in ms; 0 tells every scan: two of a kind are two sold. */
  duplicateMs: z.int().min(0).max(10_000).default(0),
})
export type SerialScannerSettings = z.infer<typeof serialScannerSettings>

function isAscii(text: string): boolean {
  return Array.from(text).every((character) => character.charCodeAt(0) < 0x80)
}
