/** The simulated ESC/POS display. */
import { commandParser, type PoleParser, PoleTwin, type PoleTwinOptions } from '../common/twin/pole-twin.ts'
import type { GlassScreen } from '../common/twin/screen.ts'

/** Lengths of the commands after ESC and US, by their second byte; all others have two bytes. */
const escLengths: Readonly<Record<number, number>> = { 61: 3, 82: 3, 116: 3 }
const usLengths: Readonly<Record<number, number>> = { 36: 4, 67: 3, 69: 3, 84: 4, 88: 3 }

function parser(screen: GlassScreen): PoleParser {
  /** ESC = 1: what follows is the printer's. */
  let selected = true
  return commandParser({
    starts: (byte) => byte < 0x20,
    lengthOf(command) {
      const [first = 0, second] = command
      if (first !== 0x1b && first !== 0x1f) return 1
      if (second === undefined) return undefined
      return (first === 0x1b ? escLengths[second] : usLengths[second]) ?? 2
    },
    run([first = 0, second = 0, third = 0, fourth = 0]) {
      if (first === 0x1b && second === 0x3d) selected = (third & 2) !== 0
      else if (!selected) return
      else if (first === 0x1b && second === 0x40) screen.wipe()
      else if (first === 0x1f) us(screen, second, third, fourth)
      else if (first === 0x0b) screen.moveTo(0, 0)
      else if (first === 0x0c) screen.wipe()
      else if (first === 0x18) screen.wipeLine()
      else if (first === 0x08) screen.moveTo(screen.column - 1, screen.row)
      else if (first === 0x09) screen.moveTo(screen.column + 1, screen.row)
      else if (first === 0x0a) screen.moveTo(screen.column, screen.row + 1)
      else if (first === 0x0d) screen.moveTo(0, screen.row)
    },
    text(byte) {
      if (selected) screen.put(byte)
    },
  })
}

function us(screen: GlassScreen, command: number, a: number, b: number): void {
  const onGlass = a >= 1 && a <= screen.columns && b >= 1 && b <= screen.rows
  if (command === 0x24 && onGlass) screen.moveTo(a - 1, b - 1)
  else if (command === 0x42) screen.moveTo(0, screen.rows - 1)
  else if (command === 0x0a) screen.moveTo(screen.column, screen.row - 1)
  else if (command === 0x0d) screen.moveTo(screen.columns - 1, screen.row)
  else if (command === 0x43) screen.cursor = (a & 1) !== 0
  else if (command === 0x58 && a >= 1 && a <= 4) screen.brightness = a
}

export function createEscposDisplayTwin(options: PoleTwinOptions): PoleTwin {
  return new PoleTwin(options, parser)
}
