/** The simulated AEDEX pole: what is no command is not shown. */
import { keptBytesMax, type PoleParser, PoleTwin, type PoleTwinOptions } from '../common/twin/pole-twin.ts'
import type { GlassScreen } from '../common/twin/screen.ts'

/** Two attention characters, a letter, text, CR. The attention characters begin anew wherever they stand. */
function parser(screen: GlassScreen): PoleParser {
  const attention: [number, number] = [0x21, 0x23]
  let before = 0
  let command: number[] | undefined
  return (byte) => {
    const isAttention = before === attention[0] && byte === attention[1]
    before = byte
    if (isAttention) command = []
    else if (command === undefined) return
    else if (byte !== 0x0d) {
      if (command.length < keptBytesMax) command.push(byte)
    } else {
      const [letter = 0, ...text] = command
      command = undefined
      if (letter === 0x31) screen.putLine(0, text)
      else if (letter === 0x32) screen.putLine(1, text)
      else if (letter === 0x39) {
        screen.putLine(0, text.slice(0, screen.columns))
        screen.putLine(1, text.slice(screen.columns))
      } else if (letter === 0x41) screen.wipe()
      else if (letter === 0x38 && text.length === 2)
        attention.splice(0, 2, text[0] as number, text[1] as number)
    }
  }
}

export function createAedexTwin(options: PoleTwinOptions): PoleTwin {
  return new PoleTwin(options, parser)
}
