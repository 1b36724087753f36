/**
 * DSP-800 as bytes. Pure. Source: manuals of poles that emulate it (Tysso VFD-550, POS-X XP8200): commands stand between
 * 04 01 and 17, text stands alone.
 */
import { join, type PoleLanguage } from '../common/pole.ts'
import type { Dsp800Settings } from './settings.ts'

export const ack = 0x06
export const nak = 0x15
/** Cells are counted from 31h. */
const firstCell = 0x31

/** A command: a letter and its parameters. */
export function command(letter: number, ...parameters: number[]): number[] {
  return [0x04, 0x01, letter, ...parameters, 0x17]
}

const letters = { init: 0x25, position: 0x50, brightness: 0x41 } as const

export function dsp800Language({ brightness, columns }: Dsp800Settings): PoleLanguage {
  const place = (cell: number) => command(letters.position, firstCell + cell)
  return {
    init: () =>
      join([
        command(letters.init),
        brightness === undefined ? [] : command(letters.brightness, 0x30 + brightness),
      ]),
    // The command behind the text is answered when the text before it was taken.
    frame: (lines) => join([...lines.flatMap((line, row) => [place(row * columns), line]), place(0)]),
  }
}

/** How many commands stand in bytes that we made, which is how many answers they get. */
export function commandsIn(bytes: Uint8Array): number {
  return bytes.reduce((count, byte, at) => count + (byte === 0x04 && bytes[at + 1] === 0x01 ? 1 : 0), 0)
}
