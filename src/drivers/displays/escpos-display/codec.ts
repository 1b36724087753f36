/**
 * ESC/POS of customer displays as bytes. Pure. Source: Epson DM-D command reference as pyposdisplay and the Bixolon BCD
 * manual have it (US $ position, US C cursor, US X brightness, ESC t code page, ESC = peripheral).
 */
import type { PoleLanguage } from '../common/pole.ts'
import { join } from '../common/pole.ts'
import type { EscposDisplaySettings } from './settings.ts'

/** Numbers that ESC t gives the pages; those of receipt printers of the same maker. */
export const codePageNumbers: Readonly<Partial<Record<EscposDisplaySettings['codePage'], number>>> = {
  cp437: 0,
  katakana: 1,
  cp850: 2,
  cp860: 3,
  cp863: 4,
  cp865: 5,
  'windows-1252': 16,
  cp866: 17,
  cp852: 18,
  cp858: 19,
}

const select = (device: 1 | 2): number[] => [0x1b, 0x3d, device]

export function escposDisplayLanguage(settings: EscposDisplaySettings): PoleLanguage {
  const { codePage, codePageNumber, brightness, initialise, sharedCable } = settings
  const page = codePageNumber ?? codePageNumbers[codePage]
  // On a cable that goes on to a printer, everything else is the printer's.
  const around = (bytes: Uint8Array) => (sharedCable ? join([select(2), bytes, select(1)]) : bytes)
  return {
    init: () =>
      around(
        join([
          initialise ? [0x1b, 0x40] : [],
          [0x1b, 0x52, 0],
          page === undefined ? [] : [0x1b, 0x74, page],
          // Overwrite mode: a full line does not scroll.
          [0x1f, 0x01],
          [0x1f, 0x43, 0],
          brightness === undefined ? [] : [0x1f, 0x58, brightness],
        ]),
      ),
    frame: (lines) => around(join(lines.flatMap((line, row) => [[0x1f, 0x24, 1, row + 1], line]))),
  }
}
