/**
 * Answers to programs that ask an ESC/POS printer how it is before they print. Only questions that come alone are answered: within a
 * picture the same bytes are dots.
 */
import type { Device } from '../../../protocol/device.ts'

/** DLE EOT n (Epson TM-T88III specification p. 132), n 1 to 4; GS r n (p. 138), n 1 and 2. */
const dle = 0x10
const eot = 0x04
const gs = 0x1d
const letterR = 0x72
/** Always set in answers to DLE EOT. */
const fixed = 0x12

/** Kind and number of each question; undefined when there is anything else in it. */
export function readQuestions(bytes: Uint8Array): { realTime: boolean; number: number }[] | undefined {
  const questions: { realTime: boolean; number: number }[] = []
  for (let at = 0; at < bytes.length; at += 3) {
    const [first, second, number = 0] = bytes.subarray(at, at + 3)
    const realTime = first === dle && second === eot && number >= 1 && number <= 4
    // Some programs ask with the digit.
    const asked = number >= 0x31 ? number - 0x30 : number
    const plain = first === gs && second === letterR && (asked === 1 || asked === 2)
    if (!realTime && !plain) return undefined
    questions.push({ realTime, number: realTime ? number : asked })
  }
  return questions.length === 0 ? undefined : questions
}

/** As the hub knows the printer. */
export function answersOf(
  questions: readonly { realTime: boolean; number: number }[],
  device: Device,
): Uint8Array {
  const has = (code: string) => device.faults.some((fault) => fault.code === code)
  const bits = (...pairs: readonly (readonly [boolean, number])[]) =>
    pairs.reduce((byte, [on, bit]) => (on ? byte | bit : byte), 0)
  const offline =
    (device.state !== 'ready' && device.state !== 'busy') || device.faults.some(({ blocking }) => blocking)
  const pinHigh = device.details.drawer_open !== true
  const [paperLow, paperOut] = [has('paper_low') || has('paper_out'), has('paper_out')]
  return Uint8Array.from(questions, ({ number, realTime }) => {
    if (!realTime) return number === 1 ? bits([paperLow, 0x03], [paperOut, 0x0c]) : bits([pinHigh, 0x01])
    if (number === 1) return fixed | bits([pinHigh, 0x04], [offline, 0x08])
    if (number === 2)
      return (
        fixed |
        bits([has('cover_open'), 0x04], [paperOut, 0x20], [has('printer_error') || has('cutter_jam'), 0x40])
      )
    if (number === 3)
      return fixed | bits([has('cutter_jam'), 0x08], [has('printer_error'), 0x20], [has('overheated'), 0x40])
    return fixed | bits([paperLow, 0x0c], [paperOut, 0x60])
  })
}
