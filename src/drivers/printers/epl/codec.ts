/**
 * EPL2 as values: pictures to commands, answers to values. Pure.
 * Source: Zebra EPL Programming Guide 14245L (GW, q, Q, P, US, eR and its error codes); Intermec ESim Programmer's Reference,
 * ^ee (the form of its answer) and US.
 */
import type { DriverFault } from '../../driver.ts'
import { type Bitmap, trimRight } from '../../imaging/bitmap.ts'
import type { LabelAnswer, LabelReader, LabelStatus } from '../common/label-link.ts'

const ack = 0x06
const nak = 0x15
const cr = 0x0d
const lf = 0x0a

/** Longest line of an answer, in bytes. */
export const answerBytesMax = 256

/** A line feed first, so that what was left in the printer's line is no part of the question. */
export const questions = { status: ascii('\n^ee\n'), identity: ascii('\nUQ\n') } as const

/** Asks for an ACK after each print command and a NAK with a code for each that fails. */
export const reportPrints = ascii('\nUS\n')

export interface EplLabel {
  readonly copies: number
  readonly told: boolean
  /** Dots between labels; 0 for continuous paper. */
  readonly gapDots: number
  readonly darkness?: number
  readonly speed?: number
}

/** One label as one picture. In GW a bit that is 1 is white. */
export function labelForm(page: Bitmap, label: EplLabel): Uint8Array {
  const picture = trimRight(page)
  const { told, gapDots, darkness, speed, copies } = label
  const head = [
    '\nN',
    ...(told ? [`q${page.width}`, `Q${page.height},${gapDots}`] : []),
    ...(darkness === undefined ? [] : [`D${darkness}`]),
    ...(speed === undefined ? [] : [`S${speed}`]),
    `GW0,0,${picture.rowBytes},${picture.height},`,
  ].join('\n')
  const tail = `\nP${copies}\n`
  const bytes = new Uint8Array(head.length + picture.data.length + tail.length)
  bytes.set(ascii(head))
  for (let index = 0; index < picture.data.length; index++) bytes[head.length + index] = ~picture.data[index]!
  bytes.set(ascii(tail), head.length + picture.data.length)
  return bytes
}

/** Codes of ^ee and NAK that a person can mend (EPL Programming Guide, error codes). */
const faultsByCode: Readonly<Record<string, DriverFault>> = {
  '07': {
    code: 'paper_out',
    blocking: true,
    message: 'The labels or the ribbon are used up. Load new ones.',
  },
  '11': { code: 'cover_open', blocking: true, message: 'The print head is open. Close it.' },
  '12': { code: 'paused', blocking: true, message: 'The printer is paused. Press its feed key.' },
}

export function readStatus(line: string): LabelStatus | undefined {
  if (!/^\d\d(,\d\d){0,20}$/.test(line)) return undefined
  const faults: DriverFault[] = []
  for (const code of new Set(line.split(','))) {
    if (code === '00') continue
    // The others are mistakes in what was sent; they stand until the next label and hold nothing up.
    faults.push(
      faultsByCode[code] ?? {
        code: 'printer_error',
        blocking: false,
        message: `The printer did not understand the last label (code ${code}).`,
      },
    )
  }
  return { faults, busy: false }
}

/** The first line of the answer to UQ, `UKQ1935HLU V4.42`: a firmware name that begins with U, and its version. */
export function readIdentity(line: string): { model: string; firmware: string } | undefined {
  const [, model, firmware] = /^(U[A-Z0-9]{4,15})\b.{0,40}?\b(V\d+\.\d+[A-Z]?)\b/.exec(line) ?? []
  return model === undefined || firmware === undefined ? undefined : { model, firmware }
}

export class EplReader implements LabelReader {
  #expected: 'status' | 'identity' = 'status'
  #line: number[] = []
  #nak: string | undefined

  expect(kind: 'status' | 'identity'): void {
    this.#expected = kind
  }

  push(bytes: Uint8Array): LabelAnswer[] {
    const answers: LabelAnswer[] = []
    for (const byte of bytes) {
      const answer = this.#take(byte)
      if (answer !== undefined) answers.push(answer)
    }
    return answers
  }

  #take(byte: number): LabelAnswer | undefined {
    if (this.#nak !== undefined && byte >= 0x30 && byte <= 0x39) {
      this.#nak += String.fromCharCode(byte)
      if (this.#nak.length < 2) return undefined
      const code = this.#nak
      this.#nak = undefined
      // What a person can mend is told by the status.
      return faultsByCode[code] === undefined ? { kind: 'refused', code } : undefined
    }
    this.#nak = undefined
    if (byte === ack) return { kind: 'printed' }
    if (byte === nak) this.#nak = ''
    else if (byte === cr || byte === lf) return this.#endLine()
    // Flow control and other control characters may stand anywhere.
    else if (byte >= 0x20 && this.#line.length < answerBytesMax) this.#line.push(byte)
    return undefined
  }

  #endLine(): LabelAnswer | undefined {
    const line = String.fromCharCode(...this.#line)
    this.#line = []
    if (this.#expected === 'identity') {
      return readIdentity(line) === undefined ? undefined : { kind: 'identity', text: line }
    }
    const status = readStatus(line)
    return status === undefined ? undefined : { kind: 'status', status }
  }
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
