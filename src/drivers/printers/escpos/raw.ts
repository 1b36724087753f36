/** What can be told of bytes that another program made, without reading them as commands. Pure. */
import { lineDots } from '../common/layout/emitter.ts'
import type { RawSurvey } from '../common/layout/language.ts'

const ESC = 0x1b
const GS = 0x1d
const LF = 0x0a

/**
 * Questions with a one-byte answer in its turn: GS r and GS I (Epson reference), ESC u and ESC v of older printers. Commands
 * cannot be told from the data of a picture here, so this counts too many, never too few.
 */
const asks = (first: number, second: number | undefined) =>
  first === GS ? second === 0x72 || second === 0x49 : second === 0x75 || second === 0x76

/** GS V; ESC i and ESC m of older printers. */
const cutsPaper = (first: number, second: number | undefined) =>
  first === GS ? second === 0x56 : second === 0x69 || second === 0x6d

export function surveyRaw(bytes: Uint8Array): RawSurvey {
  let questions = 0
  let cuts = 0
  let lines = 0
  for (let at = 0; at < bytes.length; at++) {
    const first = bytes[at]!
    if (first === LF) lines += 1
    if (first !== ESC && first !== GS) continue
    const second = bytes[at + 1]
    if (asks(first, second)) questions += 1
    else if (cutsPaper(first, second)) cuts += 1
    // ESC d n.
    else if (first === ESC && second === 0x64) lines += bytes[at + 2] ?? 0
  }
  return { questions, cuts, paperDots: lines * lineDots }
}
