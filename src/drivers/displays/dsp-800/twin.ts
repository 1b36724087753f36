/** The simulated DSP-800 pole: it answers every command with 06, and one that it does not know with 15. */
import {
  commandParser,
  type PoleParser,
  PoleTwin,
  type PoleTwinOptions,
  until,
} from '../common/twin/pole-twin.ts'
import type { GlassScreen } from '../common/twin/screen.ts'

export interface Dsp800TwinOptions extends PoleTwinOptions {
  /** False: an emulation that takes commands without a word. */
  answers?: boolean
  /** Refuses every command. */
  refuses?: boolean
}

const base = 0x31

function obey(screen: GlassScreen, [letter = 0, a = 0, b = 0]: readonly number[]): boolean {
  const cells = screen.columns * screen.rows
  const isCell = (value: number) => value >= base && value < base + cells
  if (letter === 0x25) screen.wipe()
  else if (letter === 0x50 && isCell(a)) screen.moveTo(a - base, 0)
  else if (letter === 0x43 && isCell(a) && isCell(b)) {
    for (let cell = a; cell <= b; cell++) {
      screen.moveTo(cell - base, 0)
      screen.put(0x20)
    }
  } else if (letter === 0x41 && a >= 0x31 && a <= 0x34) screen.brightness = a - 0x30
  else return letter === 0x53 || letter === 0x44
  return true
}

export function createDsp800Twin({
  answers = true,
  refuses = false,
  ...options
}: Dsp800TwinOptions): PoleTwin {
  const parser = (screen: GlassScreen, say: (bytes: Uint8Array) => void): PoleParser =>
    commandParser({
      starts: (byte) => byte < 0x20,
      lengthOf(command) {
        if (command[0] !== 0x04) return 1
        if (command.length < 2) return undefined
        return command[1] === 0x01 ? until(0x17, command, 2) : 2
      },
      run(command) {
        if (command[0] !== 0x04 || command[1] !== 0x01) return
        const taken = !refuses && obey(screen, command.slice(2, -1))
        if (answers) say(Uint8Array.of(taken ? 0x06 : 0x15))
      },
      text: (byte) => screen.put(byte),
    })
  return new PoleTwin(options, parser)
}
