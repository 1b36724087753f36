/** Settings of a serial scanner: how it is programmed to frame and mark what it reads. */
import { z } from 'zod'
import { controls, controlText } from '../../framing/controls.ts'
import { scannerLimits, scanSettings } from '../common/scan-settings.ts'

const suffixSchema = z
  .string()
  .min(1)
  .max(4)
  .refine((text) => controlText(text).length <= 2 && isAscii(controlText(text)), {
    message: `is neither one of ${Object.keys(controls).join(', ')} nor one or two characters`,
  })

export const serialScannerSettings = z
  .strictObject({
    ...scanSettings,
    suffixes: z
      .array(suffixSchema)
      .max(scannerLimits.suffixesMax)
      .default(['CR', 'LF', 'CRLF', 'TAB', 'ETX'])
      .describe('What ends a scan: names of control characters, or one or two characters.'),
    idleGapMs: z
      .int()
      .min(0)
      .max(5_000)
      .default(50)
      .describe('A pause of this length ends a scan that no suffix ended, in ms; 0: only a suffix does.'),
    codeBytesMax: z
      .int()
      .min(8)
      .max(16_384)
      .default(8_192)
      .describe(
        'Longest scan, in bytes. A longer one is noise or two scans run together: it is dropped and logged.',
      ),
    encoding: z
      .enum(['utf-8', 'latin1'])
      .default('utf-8')
      .describe(
        '`latin1` for scanners that send one byte a character; `utf-8` falls back to it for what is not UTF-8.',
      ),
  })
  .refine(({ suffixes, idleGapMs }) => suffixes.length > 0 || idleGapMs > 0, {
    path: ['idleGapMs'],
    message: 'is 0 although no suffix is set that would end a scan',
  })
export type SerialScannerSettings = z.infer<typeof serialScannerSettings>

function isAscii(text: string): boolean {
  return Array.from(text).every((character) => character.charCodeAt(0) < 0x80)
}
