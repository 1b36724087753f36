/** AEDEX (also called EMAX) as bytes. Pure. Source: Logic Controls PDx3 manual, command sets of other makers. */
import { join, type PoleLanguage } from '../common/pole.ts'
import type { AedexSettings } from './settings.ts'

const cr = 0x0d
const commands = { upper: 0x31, lower: 0x32, both: 0x39, reset: 0x41 } as const

export function aedexLanguage({ attention, lineWrite, reset }: AedexSettings): PoleLanguage {
  const command = (letter: number, text: Uint8Array | readonly number[]) =>
    join([attention, [letter], withoutAttention(text, attention), [cr]])
  return {
    init: () => (reset ? command(commands.reset, []) : new Uint8Array(0)),
    frame: (lines) =>
      lineWrite === 'both' && lines.length > 1
        ? command(commands.both, join(lines))
        : join(lines.map((line, row) => command(row === 0 ? commands.upper : commands.lower, line))),
  }
}

/** The attention characters inside a text would begin a command: the second becomes a blank. */
function withoutAttention(
  text: Uint8Array | readonly number[],
  [first, second]: readonly [number, number],
): Uint8Array {
  const bytes = Uint8Array.from(text)
  for (let at = 1; at < bytes.length; at++)
    if (bytes[at] === second && bytes[at - 1] === first)
      bytes[at] = first === 0x20 && second === 0x20 ? 0x2e : 0x20
  return bytes
}
