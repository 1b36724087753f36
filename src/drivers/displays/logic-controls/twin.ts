/** The simulated Logic Controls pole, and its relatives. */
import {
  commandParser,
  type PoleParser,
  PoleTwin,
  type PoleTwinOptions,
  until,
} from '../common/twin/pole-twin.ts'
import type { GlassScreen } from '../common/twin/screen.ts'

export interface LogicControlsTwinOptions extends PoleTwinOptions {
  dialect?: 'lci' | 'utc-standard' | 'utc-enhanced' | 'adm'
}

const levels: Readonly<Record<number, number>> = { 32: 1, 64: 2, 96: 3, 255: 4 }

/** LCI; `utc-standard` lacks 04 and 05 and knows the way into the enhanced set. */
function standardParser(screen: GlassScreen, lci: boolean, enhance: () => void): PoleParser {
  return commandParser({
    starts: (byte) => byte < 0x20,
    lengthOf(command) {
      const [first = 0] = command
      if (first === 0x10 || (first === 0x04 && lci) || (first === 0x1b && !lci)) return 2
      return first === 0x05 && lci ? until(0x0d, command, 1) : 1
    },
    run([first = 0, second = 0]) {
      if (first === 0x1f) screen.wipe()
      else if (first === 0x10 && second < screen.columns * screen.rows) screen.moveTo(second, 0)
      else if (first === 0x13 || first === 0x14) screen.cursor = first === 0x13
      else if (first === 0x04) screen.brightness = levels[second] ?? screen.brightness
      else if (first === 0x08) screen.moveTo(screen.column - 1, screen.row)
      else if (first === 0x0a) screen.moveTo(screen.column, screen.row + 1)
      else if (first === 0x0d) screen.moveTo(0, screen.row)
      else if (first === 0x1b && second === 0x64) enhance()
    },
    text: (byte) => screen.put(byte),
  })
}

/** Nothing but lines: text outside of a command is not shown. */
function enhancedParser(screen: GlassScreen, leave: () => void): PoleParser {
  return commandParser({
    starts: (byte) => byte === 0x1b,
    lengthOf: (command) => (command[1] === 0x64 ? 2 : until(0x0d, command, 2)),
    run(command) {
      const [, second = 0, third = 0] = command
      const text = command.slice(3, -1)
      if (second === 0x0f) leave()
      else if (second !== 0x75) return
      else if (third === 0x41) screen.putLine(0, text)
      else if (third === 0x42) screen.putLine(1, text)
      else if (third === 0x49) {
        screen.putLine(0, text.slice(0, screen.columns))
        screen.putLine(1, text.slice(screen.columns))
      }
    },
    text() {},
  })
}

function admParser(screen: GlassScreen): PoleParser {
  return commandParser({
    starts: (byte) => byte < 0x20,
    lengthOf: ([first]) => (first === 0x10 ? 2 : 1),
    run([first = 0]) {
      if (first === 0x0c) screen.wipe()
      else if (first === 0x0e) screen.moveTo(0, 0)
      else if (first === 0x0f) screen.moveTo(0, 1)
    },
    text: (byte) => screen.put(byte),
  })
}

export function createLogicControlsTwin({ dialect = 'lci', ...options }: LogicControlsTwinOptions): PoleTwin {
  return new PoleTwin(options, (screen) => {
    if (dialect === 'adm') return admParser(screen)
    // A UTC display is in standard mode at power-on, whichever set is used later.
    const enhanced = enhancedParser(screen, () => {
      current = standard
    })
    const standard = standardParser(screen, dialect === 'lci', () => {
      current = enhanced
    })
    let current = standard
    return (byte) => current(byte)
  })
}
