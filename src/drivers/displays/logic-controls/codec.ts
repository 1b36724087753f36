/**
 * The Logic Controls language and its relatives as bytes. Pure. Sources: Logic Controls PDx3 and LD9000 manuals (LCI, UTC, ADM
 * command sets); CD5220 user's manual 6.2 and 6.3 (UTC standard and enhanced).
 */
import { join, type PoleLanguage } from '../common/pole.ts'
import type { LogicControlsSettings } from './settings.ts'

const esc = 0x1b
const cr = 0x0d
/** The byte after 04, by brightness 1 to 4. */
const brightnessBytes = [0x20, 0x40, 0x60, 0xff]

export function logicControlsLanguage(settings: LogicControlsSettings): PoleLanguage {
  switch (settings.dialect) {
    case 'utc-enhanced':
      return {
        init: () => join([settings.enterEnhanced ? [esc, 0x64] : []]),
        frame: (lines) =>
          join(lines.flatMap((line, row) => [[esc, 0x75, row === 0 ? 0x41 : 0x42], line, [cr]])),
      }
    case 'adm':
      return {
        init: () => Uint8Array.of(0x0c),
        frame: (lines) =>
          join(
            lines.flatMap((line, row) => [
              [row === 0 ? 0x0e : 0x0f],
              line,
              settings.admLineEnd === 'cr' ? [cr] : [],
            ]),
          ),
      }
    default:
      return positioned(settings)
  }
}

/** LCI and UTC standard: 1F resets, 10 n places the cursor on one of 40 cells. */
function positioned({ dialect, brightness, cursorOff, columns }: LogicControlsSettings): PoleLanguage {
  return {
    init: () =>
      join([
        [0x1f, 0x11],
        cursorOff ? [0x14] : [],
        dialect === 'lci' && brightness !== undefined
          ? [0x04, brightnessBytes[brightness - 1] as number]
          : [],
      ]),
    frame: (lines) => join(lines.flatMap((line, row) => [[0x10, row * columns], line])),
  }
}
