/**
 * The simulated ZPL label printer: reads formats and control commands byte by byte as its manual tells, draws ^GFA pictures, and
 * prints one label after another. It shares nothing with the driver.
 */
import type { DriverClock } from '../../driver.ts'
import { createBitmap } from '../../imaging/bitmap.ts'
import { labelOf, type PlacedPicture } from '../common/twin/label-picture.ts'
import { LabelTwin } from '../common/twin/label-twin.ts'

export interface ZplTwinOptions {
  clock: DriverClock
  /** How long one label takes. */
  printMs?: number
  model?: string
  firmware?: string
  /** Says nothing to ~HS while the head is open or the paper is out, as Zebra's manual has it. */
  silentInFault?: boolean
}

/** Longest format that fits its memory, in bytes. */
const formatBytesMax = 4 * 1024 * 1024
/** Rows of the longest label. */
const labelRowsMax = 32_000
const labelDotsMax = 4_000

interface Format {
  width: number
  length: number
  at: [number, number]
  copies: number
  pictures: PlacedPicture[]
}

export class ZplTwin extends LabelTwin {
  ribbonOut = false
  readonly #options: Required<Omit<ZplTwinOptions, 'printMs'>>
  #text = ''
  #format: Format | undefined
  darkness: number | undefined
  speed: number | undefined
  media: string | undefined

  constructor(options: ZplTwinOptions) {
    super(options)
    this.#options = {
      model: 'ZD421-203dpi',
      firmware: 'V93.21.19Z',
      silentInFault: false,
      ...options,
    }
  }

  protected override forgetInput(): void {
    this.#text = ''
    this.#format = undefined
  }

  protected override read(bytes: Uint8Array): void {
    for (const byte of bytes) this.#text += String.fromCharCode(byte)
    // A command ends where the next begins; a control command with its line.
    for (;;) {
      const start = this.#text.search(/[\^~]/)
      if (start < 0) {
        this.#text = ''
        return
      }
      this.#text = this.#text.slice(start)
      const [whole] =
        /^(?:~[A-Z]{2}[^~^\r\n]*(?=[~^\r\n])|\^X[AZ]|\^[A-Z0-9@]{2}[^~^]*(?=[~^]))/.exec(this.#text) ?? []
      if (whole === undefined) {
        if (this.#text.length > formatBytesMax) this.#text = ''
        return
      }
      this.#text = this.#text.slice(whole.length)
      this.#obey(whole.slice(0, 3), whole.slice(3))
    }
  }

  #obey(name: string, text: string): void {
    const format = this.#format
    const numbers = text.split(',').map((part) => Number.parseInt(part, 10))
    switch (name) {
      case '~HS':
        this.#tellStatus()
        break
      case '~HI':
        this.say(`\x02${this.#options.model},${this.#options.firmware},8,8192KB\x03\r\n`)
        break
      case '~SD':
        this.darkness = numbers[0]
        break
      case '^XA':
        this.#format = { width: 832, length: 0, at: [0, 0], copies: 1, pictures: [] }
        break
      case '^XZ':
        if (format !== undefined) this.#print(format)
        this.#format = undefined
        break
      case '^PW':
        if (format !== undefined) format.width = Math.min(labelDotsMax, numbers[0] || format.width)
        break
      case '^LL':
        if (format !== undefined) format.length = Math.min(labelRowsMax, numbers[0] || 0)
        break
      case '^FO':
        if (format !== undefined) format.at = [numbers[0] || 0, numbers[1] || 0]
        break
      case '^PQ':
        if (format !== undefined) format.copies = numbers[0] || 1
        break
      case '^GF':
        this.#graphic(text)
        break
      case '^MN':
        this.media = text.trim()
        break
      case '^PR':
        this.speed = numbers[0]
        break
      case '^FS':
      case '^LH':
      case '^PO':
        break
      default:
        this.doesNotKnow(name)
    }
  }

  #graphic(text: string): void {
    const format = this.#format
    const [, total, rowBytes, data] = /^A,\d+,(\d+),(\d+),(.*)$/s.exec(text) ?? []
    const width = Number(rowBytes)
    const height = Math.floor(Number(total) / width)
    if (format === undefined || data === undefined || !(width > 0 && width <= labelDotsMax / 8)) return
    if (height > labelRowsMax) return
    const bitmap = createBitmap(width * 8, height)
    bitmap.data.set(unpacked(data, width, height))
    format.pictures.push({ bitmap, x: format.at[0], y: format.at[1] })
  }

  #print(format: Format): void {
    if (format.pictures.length === 0) return
    this.strip.add(labelOf(format.width, format.length || 1, format.pictures), format.copies)
  }

  #tellStatus(): void {
    const { strip } = this
    const out = strip.paperState === 'out'
    if (this.#options.silentInFault && (out || strip.coverOpen || this.ribbonOut)) return
    const flag = (on: boolean) => (on ? '1' : '0')
    const stopped = this.paused || strip.blocked || this.ribbonOut
    const left = String(strip.left).padStart(8, '0')
    const half = flag(this.#format !== undefined)
    this.say(
      `\x02030,${flag(out)},${flag(stopped)},1245,000,0,0,${half},000,0,0,0\x03\r\n` +
        `\x02001,0,${flag(strip.coverOpen)},${flag(this.ribbonOut)},0,2,4,0,${left},1,000\x03\r\n` +
        '\x021234,0\x03\r\n',
    )
  }
}

/** Undoes the compression of ^GFA data: counts G to Y and g to z before a digit, `,` `!` `:`. */
function unpacked(text: string, rowBytes: number, height: number): Uint8Array {
  const digits = rowBytes * 2
  const bytes = new Uint8Array(rowBytes * height)
  let [row, column, count] = [0, 0, 0]
  const put = (digit: number, times: number) => {
    for (let left = times; left > 0 && row < height; left--) {
      const at = row * rowBytes + (column >> 1)
      bytes[at] = bytes[at]! | (column % 2 === 0 ? digit << 4 : digit)
      column += 1
      if (column < digits) continue
      column = 0
      row += 1
    }
  }
  for (const character of text) {
    if (row >= height) break
    const code = character.charCodeAt(0)
    if (/[0-9A-Fa-f]/.test(character)) {
      put(Number.parseInt(character, 16), Math.max(1, count))
      count = 0
    } else if (character >= 'G' && character <= 'Y') count += code - 0x46
    else if (character >= 'g' && character <= 'z') count += (code - 0x66) * 20
    else if (character === ',') put(0, digits - column)
    else if (character === '!') put(15, digits - column)
    else if (character === ':' && row > 0) {
      bytes.copyWithin(row * rowBytes, (row - 1) * rowBytes, row * rowBytes)
      row += 1
      column = 0
    }
  }
  return bytes
}

export function createZplTwin(options: ZplTwinOptions): ZplTwin {
  return new ZplTwin(options)
}
