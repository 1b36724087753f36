/** The simulated CD5220 pole. */
import {
  commandParser,
  type PoleParser,
  PoleTwin,
  type PoleTwinOptions,
  until,
} from '../common/twin/pole-twin.ts'
import type { GlassScreen } from '../common/twin/screen.ts'

/** Lengths of the commands after ESC, by their second byte; all others have two bytes. */
const lengths: Readonly<Record<number, number>> = {
  42: 3,
  61: 3,
  63: 3,
  91: 3,
  95: 3,
  99: 3,
  102: 3,
  108: 4,
  116: 3,
}

/** Cursor moves, by the letter after ESC [. */
function move(screen: GlassScreen, letter: string): void {
  const { column, row, columns, rows } = screen
  if (letter === 'A') screen.moveTo(column, row - 1)
  else if (letter === 'B') screen.moveTo(column, row + 1)
  else if (letter === 'C') screen.moveTo(column + 1, row)
  else if (letter === 'D') screen.moveTo(column - 1, row)
  else if (letter === 'H') screen.moveTo(0, 0)
  else if (letter === 'L') screen.moveTo(0, row)
  else if (letter === 'R') screen.moveTo(columns - 1, row)
  else if (letter === 'K') screen.moveTo(columns - 1, rows - 1)
}

function parser(screen: GlassScreen): PoleParser {
  /** After ESC Q nothing but ESC Q is obeyed until CLR or CAN (user's manual, remark below the list). */
  let stringMode = false
  return commandParser({
    starts: (byte) => byte < 0x20,
    lengthOf(command) {
      const [first = 0, second] = command
      if (first !== 0x1b) return 1
      if (second === undefined) return undefined
      return second === 0x51 ? until(0x0d, command, 3) : (lengths[second] ?? 2)
    },
    run(command) {
      const [first = 0, second = 0, third = 0, fourth = 0] = command
      if (first === 0x0c) {
        stringMode = false
        screen.wipe()
      } else if (first === 0x18) {
        stringMode = false
        screen.wipeLine()
      } else if (first === 0x1b && second === 0x51) {
        stringMode = true
        if (third === 0x41 || third === 0x42) screen.putLine(third - 0x41, command.slice(3, -1))
      } else if (stringMode) return
      else if (first !== 0x1b) {
        const letter = { 8: 'D', 9: 'C', 10: 'B', 11: 'H', 13: 'L' }[first]
        if (letter !== undefined) move(screen, letter)
      } else if (second === 0x40) screen.wipe()
      else if (second === 0x5b) move(screen, String.fromCharCode(third))
      else if (
        second === 0x6c &&
        third >= 1 &&
        third <= screen.columns &&
        fourth >= 1 &&
        fourth <= screen.rows
      )
        screen.moveTo(third - 1, fourth - 1)
      else if (second === 0x2a && third >= 1 && third <= 4) screen.brightness = third
      else if (second === 0x5f) screen.cursor = third !== 0
    },
    text(byte) {
      if (!stringMode) screen.put(byte)
    },
  })
}

export function createCd5220Twin(options: PoleTwinOptions): PoleTwin {
  return new PoleTwin(options, parser)
}
