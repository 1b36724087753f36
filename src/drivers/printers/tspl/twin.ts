/**
 * The simulated TSPL label printer: reads its program line by line and the picture of BITMAP by its length, and answers ESC !?,
 * ESC !S and ~!T at once. It shares nothing with the driver.
 */
import type { DriverClock } from '../../driver.ts'
import { ArrivingPicture, labelOf, type PlacedPicture } from '../common/twin/label-picture.ts'
import { LabelTwin } from '../common/twin/label-twin.ts'

export interface TsplTwinOptions {
  clock: DriverClock
  /** How long one label takes. */
  printMs?: number
  dotsPerMm?: number
  model?: string
  /** Many clones never say that they are printing. */
  saysPrinting?: boolean
}

const lineBytesMax = 1_024
const esc = 0x1b

export class TsplTwin extends LabelTwin {
  ribbonOut = false
  jammed = false
  /** As told by SIZE and GAP or BLINE. */
  told: { width?: number; height?: number; gap?: number; mark?: boolean } = {}
  density: number | undefined
  speed: number | undefined
  readonly #options: Required<Omit<TsplTwinOptions, 'printMs'>>
  #text: number[] = []
  #escape: number[] | undefined
  #arriving: ArrivingPicture | undefined
  #pictures: PlacedPicture[] = []

  constructor(options: TsplTwinOptions) {
    super(options)
    this.#options = { dotsPerMm: 8, model: 'TE200', saysPrinting: true, ...options }
  }

  protected override read(bytes: Uint8Array): void {
    for (const byte of bytes) this.#take(byte)
  }

  protected override forgetInput(): void {
    this.#text = []
    this.#escape = undefined
    this.#arriving = undefined
  }

  #take(byte: number): void {
    if (this.#arriving !== undefined) {
      const picture = this.#arriving.take(byte)
      if (picture === undefined) return
      this.#pictures.push(picture)
      this.#arriving = undefined
      return
    }
    if (this.#escape !== undefined) {
      this.#escape.push(byte)
      if (this.#escape.length < 2) return
      const question = String.fromCharCode(...this.#escape)
      this.#escape = undefined
      if (question === '!?') this.say(String.fromCharCode(this.#statusByte()))
      else if (question === '!S') this.say(`\x02${this.#statusFrame()}\x03\r\n`)
      return
    }
    if (byte === esc) {
      this.#escape = []
      return
    }
    if (byte === 0x0a || byte === 0x0d) {
      this.#obey(String.fromCharCode(...this.#text))
      this.#text = []
      return
    }
    if (this.#text.length < lineBytesMax) this.#text.push(byte)
    if (byte === 0x2c) this.#beginPicture(String.fromCharCode(...this.#text))
  }

  /** The data of BITMAP begin at its last comma. */
  #beginPicture(line: string): void {
    const [, x, y, rowBytes, rows] = /^BITMAP (\d+),(\d+),(\d+),(\d+),0,$/.exec(line) ?? []
    if (rows === undefined) return
    this.#arriving = ArrivingPicture.begin(Number(x), Number(y), Number(rowBytes), Number(rows))
    if (this.#arriving !== undefined) this.#text = []
  }

  #obey(line: string): void {
    const [name = '', ...rest] = line.split(' ')
    const numbers = rest
      .join(' ')
      .split(',')
      .map((part) => Number.parseFloat(part))
    switch (name) {
      case '':
        break
      case '~!T':
        this.say(`${this.#options.model}\r\n`)
        break
      case 'SIZE':
        this.told = { ...this.told, width: numbers[0]!, height: numbers[1]! }
        break
      case 'GAP':
      case 'BLINE':
        this.told = { ...this.told, gap: numbers[0]!, mark: name === 'BLINE' }
        break
      case 'DENSITY':
        this.density = numbers[0]
        break
      case 'SPEED':
        this.speed = numbers[0]
        break
      case 'CLS':
        this.#pictures = []
        break
      case 'PRINT':
        this.#print((numbers[0] || 1) * (numbers[1] || 1))
        break
      default:
        this.doesNotKnow(line)
    }
  }

  #print(copies: number): void {
    const dots = (mm: number | undefined) => Math.min(8_000, Math.round((mm ?? 0) * this.#options.dotsPerMm))
    this.strip.add(labelOf(dots(this.told.width), dots(this.told.height), this.#pictures), copies)
  }

  #statusByte(): number {
    const { strip } = this
    const out = strip.paperState === 'out'
    const printing = this.#options.saysPrinting && strip.printing
    const bits = [strip.coverOpen, this.jammed, out, this.ribbonOut, this.paused, printing]
    return bits.reduce((byte, on, bit) => byte | (on ? 1 << bit : 0), 0)
  }

  #statusFrame(): string {
    const { strip } = this
    const out = strip.paperState === 'out'
    const fourth =
      0x40 |
      Number(out) |
      (Number(this.jammed) << 1) |
      (Number(this.ribbonOut) << 2) |
      (Number(strip.coverOpen) << 5)
    const printing = this.#options.saysPrinting && strip.printing
    const message = this.paused ? '`' : fourth !== 0x40 ? 'E' : printing ? 'P' : '@'
    return `${message}@@${String.fromCharCode(fourth)}`
  }
}

export function createTsplTwin(options: TsplTwinOptions): TsplTwin {
  return new TsplTwin(options)
}
