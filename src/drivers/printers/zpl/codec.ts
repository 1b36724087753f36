/**
 * ZPL II as values: pictures to commands, answers to values. Pure.
 * Source: Zebra ZPL II Programming Guide 45541L (^GF, ^PQ, ^MN, ~SD, ^PR; ~HS and ~HI pages 169 to 172; compression of ^GF data).
 */
import type { DriverFault } from '../../driver.ts'
import { type Bitmap, trimRight } from '../../imaging/bitmap.ts'
import type { LabelAnswer, LabelReader, LabelStatus } from '../common/label-link.ts'

const stx = 0x02
const etx = 0x03
const cr = 0x0d
const lf = 0x0a

/** Longest line of an answer between STX and ETX, in bytes. The longest known is 46. */
export const answerBytesMax = 256
/** Lines of an answer to ~HS. */
const statusLines = 3

export const questions = { status: ascii('~HS\r\n'), identity: ascii('~HI\r\n') } as const

export interface ZplLabel {
  readonly copies: number
  readonly media: 'printer' | 'continuous' | 'gap' | 'mark'
  readonly darkness?: number
  readonly speed?: number
}

const mediaCodes = { continuous: 'N', gap: 'Y', mark: 'M' } as const

/** One format with the whole label as one picture. What is a setting of the printer stays as it is unless it is given. */
export function labelFormat(page: Bitmap, label: ZplLabel): Uint8Array {
  const picture = trimRight(page)
  const bytes = picture.rowBytes * picture.height
  const { media, darkness, speed } = label
  const parts = [
    darkness === undefined ? '' : `~SD${String(darkness).padStart(2, '0')}`,
    '^XA',
    media === 'printer' ? '' : `^MN${mediaCodes[media]}`,
    speed === undefined ? '' : `^PR${speed}`,
    `^PON^LH0,0^PW${page.width}^LL${page.height}`,
    `^FO0,0^GFA,${bytes},${bytes},${picture.rowBytes},${compressedHex(picture)}^FS`,
    `^PQ${label.copies}^XZ\r\n`,
  ]
  return ascii(parts.join(''))
}

/** G to Y are 1 to 19 times the digit that follows, g to z 20 to 400 times. */
function repeated(digit: string, count: number): string {
  let text = ''
  let left = count
  while (left > 400) {
    text += `z${digit}`
    left -= 400
  }
  if (left < 3) return text + digit.repeat(left)
  const twenties = Math.floor(left / 20)
  if (twenties > 0) text += String.fromCharCode(0x66 + twenties)
  if (left % 20 > 0) text += String.fromCharCode(0x46 + (left % 20))
  return text + digit
}

/**
 * Rows as hex digits with repeats counted; `,` fills a row with 0, `:` repeats the row before. `!` would fill it with ones, but
 * others than Zebra take that for the digit 1.
 */
export function compressedHex(bitmap: Bitmap): string {
  const rows: string[] = []
  let before = ''
  for (let row = 0; row < bitmap.height; row++) {
    const start = row * bitmap.rowBytes
    const digits = hexOf(bitmap.data.subarray(start, start + bitmap.rowBytes))
    rows.push(digits === before ? ':' : rowText(digits))
    before = digits
  }
  return rows.join('')
}

function rowText(digits: string): string {
  const body = digits.replace(/0+$/, '')
  const text = body.replace(/(.)\1*/g, (run) => repeated(run[0]!, run.length))
  return body.length === digits.length ? text : `${text},`
}

const hexDigits = Array.from({ length: 256 }, (_, value) => value.toString(16).toUpperCase().padStart(2, '0'))

function hexOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexDigits[byte]!
  return text
}

/** What the answers to ~HS and ~HI say; every other line is dropped. */
export class ZplReader implements LabelReader {
  readonly #labelsLeftMax: number
  #line: number[] = []
  #lines: string[] = []

  constructor(labelsLeftMax = 9_999) {
    this.#labelsLeftMax = labelsLeftMax
  }

  expect(): void {
    this.#lines = []
    this.#line = []
  }

  push(bytes: Uint8Array): LabelAnswer[] {
    const answers: LabelAnswer[] = []
    for (const byte of bytes) {
      // Some printers leave out the frame of the answer to ~HI.
      if (byte === etx || byte === cr || byte === lf) {
        const answer = this.#takeLine(String.fromCharCode(...this.#line))
        if (answer !== undefined) answers.push(answer)
        this.#line = []
      } else if (byte === stx || this.#line.length >= answerBytesMax) this.#line = []
      else this.#line.push(byte)
    }
    return answers
  }

  #takeLine(line: string): LabelAnswer | undefined {
    if (line === '') return undefined
    if (readIdentity(line) !== undefined) return { kind: 'identity', text: line }
    if (firstLine.test(line)) this.#lines = []
    this.#lines.push(line)
    if (this.#lines.length < statusLines) return undefined
    const [first = '', second = '', third = ''] = this.#lines
    this.#lines = []
    const status = readStatus(first, second, third, this.#labelsLeftMax)
    return status === undefined ? undefined : { kind: 'status', status }
  }
}

const firstLine = /^\d{3},[01],[01],\d{4},\d{3},[01],[01],[01],\d{3},[01],[01],[01]$/
const secondLine = /^\d{3},\d,[01],[01],[01],[0-9A-F],\d,[01],\d{8},\d,\d{1,3}$/
const thirdLine = /^[0-9A-Za-z]{4},[01]$/

/** The three lines of ~HS (Programming Guide, pages 171 and 172); undefined when one is not as it should be. */
export function readStatus(
  first: string,
  second: string,
  third: string,
  labelsLeftMax: number,
): LabelStatus | undefined {
  if (!firstLine.test(first) || !secondLine.test(second) || !thirdLine.test(third)) return undefined
  const a = first.split(',')
  const b = second.split(',')
  const on = (fields: string[], index: number) => fields[index] === '1'
  const faults: DriverFault[] = []
  const add = (present: boolean, code: DriverFault['code'], blocking: boolean, message: string) => {
    if (present) faults.push({ code, blocking, message })
  }
  add(on(b, 2), 'cover_open', true, 'The print head is open. Close it.')
  add(on(a, 1), 'paper_out', true, 'The labels are used up. Load a new roll.')
  add(on(b, 3), 'ribbon_out', true, 'The ribbon is used up. Load a new one.')
  add(on(a, 11), 'overheated', true, 'The print head is too hot. It goes on by itself when it is cool.')
  add(on(a, 9), 'printer_error', false, 'The printer lost its configuration. Calibrate it.')
  add(on(a, 10), 'printer_error', false, 'The print head is too cold.')
  // Where a fault stands the pause comes with it.
  const paused = on(a, 2) && !faults.some((fault) => fault.blocking)
  add(paused, 'paused', true, 'The printer is paused. Press its pause key.')
  const left = Number(b[8])
  const waiting = Number(a[4]) > 0 || on(a, 5) || on(a, 7) || (left > 0 && left <= labelsLeftMax)
  return { faults, busy: waiting }
}

/** `ZD421-203dpi,V93.21.19Z,8,8192KB` (Programming Guide, page 169). */
export function readIdentity(line: string): { maker?: string; model: string; firmware: string } | undefined {
  const [, model, firmware] =
    /^([^,]{1,60}),(V?[0-9A-Za-z.]{1,30}),\d{1,2},\d+KB(?:,[^,]*)*$/.exec(line) ?? []
  return model === undefined || firmware === undefined ? undefined : { model: model.trim(), firmware }
}

function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}
