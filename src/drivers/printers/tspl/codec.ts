/**
 * TSPL as values: pictures to commands, answers to values. Pure.
 * Source: TSC TSPL/TSPL2 Programming Manual (SIZE, GAP, BLINE, BITMAP, PRINT, ESC !S on page 85, ~!T); Gprinter GP-2120T manual
 * page 30 (the bits of ESC !?).
 */
import type { DriverFault } from '../../driver.ts'
import { type Bitmap, trimRight } from '../../imaging/bitmap.ts'
import type { LabelAnswer, LabelReader, LabelStatus } from '../common/label-link.ts'

const stx = 0x02
const etx = 0x03
const cr = 0x0d
const lf = 0x0a

/** Longest name of a model, in bytes. */
export const nameBytesMax = 60

export const questions = {
  byte: Uint8Array.of(0x1b, 0x21, 0x3f),
  frame: Uint8Array.of(0x1b, 0x21, 0x53),
  identity: ascii('~!T\r\n'),
} as const

export interface TsplLabel {
  readonly copies: number
  readonly dotsPerMm: number
  readonly media: 'gap' | 'mark'
  /** 0 for continuous paper. */
  readonly gapMm: number
  readonly darkness?: number
  readonly speed?: number
}

/** One label as one picture. In BITMAP a bit that is 1 is white. */
export function labelProgram(page: Bitmap, label: TsplLabel): Uint8Array {
  const picture = trimRight(page)
  const { copies, dotsPerMm, media, gapMm, darkness, speed } = label
  const mm = (dots: number) => `${Number((dots / dotsPerMm).toFixed(2))} mm`
  const head = [
    `\r\nSIZE ${mm(page.width)},${mm(page.height)}`,
    `${media === 'mark' && gapMm > 0 ? 'BLINE' : 'GAP'} ${gapMm} mm,0 mm`,
    ...(darkness === undefined ? [] : [`DENSITY ${darkness}`]),
    ...(speed === undefined ? [] : [`SPEED ${speed}`]),
    'CLS',
    `BITMAP 0,0,${picture.rowBytes},${picture.height},0,`,
  ].join('\r\n')
  const tail = `\r\nPRINT 1,${copies}\r\n`
  const bytes = new Uint8Array(head.length + picture.data.length + tail.length)
  bytes.set(ascii(head))
  for (let index = 0; index < picture.data.length; index++) bytes[head.length + index] = ~picture.data[index]!
  bytes.set(ascii(tail), head.length + picture.data.length)
  return bytes
}

type Told = readonly [mask: number, code: DriverFault['code'], message: string]

const headOpen = 'The print head is open. Close it.'
const noPaper = 'The labels are used up. Load a new roll.'
const jam = 'The labels are jammed. Open the printer and take them out.'
const noRibbon = 'The ribbon is used up. Load a new one.'
const tooHot = 'The print head is too hot. It goes on by itself when it is cool.'

/** Bits of ESC !? (Gprinter GP-2120T manual, page 30). */
const byteFaults: readonly Told[] = [
  [0x01, 'cover_open', headOpen],
  [0x40, 'cover_open', 'The cover is open. Close it.'],
  [0x02, 'media_jam', jam],
  [0x04, 'paper_out', noPaper],
  [0x08, 'ribbon_out', noRibbon],
  [0x80, 'overheated', 'It is too hot or too cold for the printer.'],
]
const bytePaused = 0x10
const bytePrinting = 0x20

const paused: DriverFault = {
  code: 'paused',
  blocking: true,
  message: 'The printer is paused. Press its feed key.',
}

function faultsIn(byte: number, told: readonly Told[]): DriverFault[] {
  return told
    .filter(([mask]) => (byte & mask) !== 0)
    .map(([, code, message]) => ({ code, message, blocking: true }))
    .filter(({ code }, index, all) => all.findIndex((other) => other.code === code) === index)
}

export function readStatusByte(byte: number): LabelStatus {
  const faults = faultsIn(byte, byteFaults)
  // Where a fault stands the pause comes with it.
  if ((byte & bytePaused) !== 0 && faults.length === 0) faults.push(paused)
  return { faults, busy: (byte & bytePrinting) !== 0 }
}

/** Bits of the third and fourth byte of ESC !S (TSPL/TSPL2 manual, page 85). */
const frameFaults3: readonly Told[] = [
  [0x01, 'overheated', tooHot],
  [0x02, 'overheated', 'The motor is too hot. It goes on by itself when it is cool.'],
  [0x08, 'cutter_jam', 'The cutter is jammed. Switch the printer off and free it.'],
  [0x10, 'printer_error', 'The memory of the printer is full.'],
]
const frameFaults4: readonly Told[] = [
  [0x20, 'cover_open', headOpen],
  [0x01, 'paper_out', noPaper],
  [0x02, 'media_jam', jam],
  [0x04, 'ribbon_out', noRibbon],
  [0x08, 'ribbon_out', 'The ribbon is jammed. Open the printer and free it.'],
]
/** The first byte while it works: printing, imaging, form feed, backing, cutting. */
const workingMessages = 'PWFBC'

/** The four bytes between STX and ETX of the answer to ESC !S; undefined when they are none: bit 6 is always 1, bit 7 always 0. */
export function readStatusFrame(bytes: ArrayLike<number>): LabelStatus | undefined {
  const all = Array.from(bytes)
  if (all.length !== 4 || all.some((byte) => (byte & 0xc0) !== 0x40)) return undefined
  const [message, , third, fourth] = all as [number, number, number, number]
  const faults = [...faultsIn(fourth, frameFaults4), ...faultsIn(third, frameFaults3)]
  if (message === 0x60 && faults.length === 0) faults.push(paused)
  if (message === 0x45 && faults.length === 0)
    faults.push({ code: 'printer_error', blocking: true, message: 'The printer reports an error.' })
  return { faults, busy: workingMessages.includes(String.fromCharCode(message)) }
}

/** A model's name as ~!T answers it: letters, digits and what stands between them, with a digit somewhere. */
export function readIdentity(line: string): { model: string } | undefined {
  return /^(?=.*\d)[A-Za-z][A-Za-z0-9 ._/+-]{2,59}$/.test(line) ? { model: line.trim() } : undefined
}

export class TsplReader implements LabelReader {
  readonly #question: 'byte' | 'frame'
  #expected: 'status' | 'identity' | undefined
  #frame: number[] | undefined
  #line: number[] = []

  constructor(question: 'byte' | 'frame' = 'byte') {
    this.#question = question
  }

  expect(kind: 'status' | 'identity'): void {
    this.#expected = kind
    this.#frame = undefined
    this.#line = []
  }

  push(bytes: Uint8Array): LabelAnswer[] {
    const answers: LabelAnswer[] = []
    for (const byte of bytes) {
      const answer = this.#take(byte)
      if (answer === undefined) continue
      // A byte that nobody asked for is no answer.
      this.#expected = undefined
      answers.push(answer)
    }
    return answers
  }

  #take(byte: number): LabelAnswer | undefined {
    if (this.#expected === 'identity') return this.#takeName(byte)
    if (this.#expected === undefined) return undefined
    const status = this.#question === 'byte' ? readStatusByte(byte) : this.#takeFrame(byte)
    return status === undefined ? undefined : { kind: 'status', status }
  }

  #takeName(byte: number): LabelAnswer | undefined {
    if (byte === cr || byte === lf) {
      const text = String.fromCharCode(...this.#line)
      this.#line = []
      return readIdentity(text) === undefined ? undefined : { kind: 'identity', text }
    }
    if (this.#line.length < nameBytesMax) this.#line.push(byte)
    return undefined
  }

  #takeFrame(byte: number): LabelStatus | undefined {
    if (byte === stx) this.#frame = []
    else if (this.#frame === undefined) return undefined
    else if (byte === etx) {
      const status = readStatusFrame(this.#frame)
      this.#frame = undefined
      return status
    } else if (this.#frame.length >= 4) this.#frame = undefined
    else this.#frame.push(byte)
    return undefined
  }
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
