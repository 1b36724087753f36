/**
 * CD5220 as bytes. Pure. Source: CD5220 user's manual, 6.1 (standard mode command list); POS-X XP8200 manual 4.1.8 for
 * brightness, cursor and fonts.
 */
import { join, type PoleLanguage } from '../common/pole.ts'
import type { Cd5220Settings } from './settings.ts'

const lineLetters = [0x41, 0x42]

export function cd5220Language(settings: Cd5220Settings): PoleLanguage {
  const { brightness, cursorOff, font, codePageNumber, lineWrite } = settings
  return {
    init: () =>
      join([
        [0x1b, 0x40],
        // In string mode (after ESC Q) a display takes no other command until it is cleared.
        [0x0c],
        font === undefined ? [] : [0x1b, 0x66, font.charCodeAt(0)],
        codePageNumber === undefined ? [] : [0x1b, 0x74, codePageNumber],
        [0x1b, 0x11],
        brightness === undefined ? [] : [0x1b, 0x2a, brightness],
        cursorOff ? [0x1b, 0x5f, 0] : [],
      ]),
    frame: (lines) =>
      join(
        lines.flatMap((line, row) =>
          lineWrite === 'line'
            ? [[0x1b, 0x51, lineLetters[row] as number], line, [0x0d]]
            : [[0x1b, 0x6c, 1, row + 1], line],
        ),
      ),
  }
}
