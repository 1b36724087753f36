/**
 * The simulated TSPL label printer: reads its program line by line and the picture of BITMAP by its length, and answers ESC !?,
 * ESC !S and ~!T at once. It shares nothing with the driver.
 */
import { HubError } from '../../../protocol/errors.ts'
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../driver.ts'
import { type Bitmap, createBitmap, paste } from '../../imaging/bitmap.ts'
import { LabelStrip } from '../../imaging/label-strip.ts'
import { TwinLine } from '../../twin-line.ts'

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
const pictureBytesMax = 4 * 1024 * 1024
const esc = 0x1b

interface Arriving {
  x: number
  y: number
  rowBytes: number
  rows: number
  data: number[]
}

export class TsplTwin implements Twin {
  onPlug: ((on: boolean) => void) | undefined
  paused = false
  ribbonOut = false
  jammed = false
  /** As told by SIZE and GAP or BLINE. */
  told: { width?: number; height?: number; gap?: number; mark?: boolean } = {}
  density: number | undefined
  speed: number | undefined
  readonly unknown: string[] = []
  readonly strip: LabelStrip
  readonly #options: Required<TsplTwinOptions>
  readonly #line: TwinLine
  #text: number[] = []
  #escape: number[] | undefined
  #arriving: Arriving | undefined
  #pictures: { bitmap: Bitmap; x: number; y: number }[] = []

  constructor(options: TsplTwinOptions) {
    this.#options = { printMs: 300, dotsPerMm: 8, model: 'TE200', saysPrinting: true, ...options }
    const { clock, printMs } = this.#options
    this.strip = new LabelStrip({ clock, printMs })
    this.#line = new TwinLine({
      clock,
      onBytes: (bytes) => {
        for (const byte of bytes) this.#take(byte)
      },
      onAttach: () => {
        this.#text = []
        this.#escape = undefined
        this.#arriving = undefined
      },
      onPlug: (on) => {
        if (!on) this.strip.forget()
        this.onPlug?.(on)
      },
    })
  }

  get plugged(): boolean {
    return this.#line.plugged
  }

  set onPaper(listener: ((revision: number) => void) | undefined) {
    this.strip.onPaper = listener
  }

  get onPaper(): ((revision: number) => void) | undefined {
    return this.strip.onPaper
  }

  attach(wire: TwinWire): void {
    this.#line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (this.#line.order(order) || this.strip.order(order)) return
    throw new HubError('params_invalid', {
      path: 'order.order',
      reason: `a label printer cannot ${order.order}`,
    })
  }

  paper() {
    return this.strip.picture()
  }

  stop(): void {
    this.strip.forget()
    this.#line.stop()
  }

  #take(byte: number): void {
    if (this.#arriving !== undefined) {
      this.#takeDot(byte, this.#arriving)
      return
    }
    if (this.#escape !== undefined) {
      this.#escape.push(byte)
      if (this.#escape.length < 2) return
      const question = String.fromCharCode(...this.#escape)
      this.#escape = undefined
      if (question === '!?') this.#line.say(Uint8Array.of(this.#statusByte()))
      else if (question === '!S') this.#line.say(bytesOf(`\x02${this.#statusFrame()}\x03\r\n`))
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
    const size = Number(rowBytes) * Number(rows)
    if (rows === undefined || size === 0 || size > pictureBytesMax) return
    this.#text = []
    this.#arriving = { x: Number(x), y: Number(y), rowBytes: Number(rowBytes), rows: Number(rows), data: [] }
  }

  #takeDot(byte: number, arriving: Arriving): void {
    const { x, y, rowBytes, rows, data } = arriving
    data.push(byte)
    if (data.length < rowBytes * rows) return
    const bitmap = createBitmap(rowBytes * 8, rows)
    for (const [index, dots] of data.entries()) bitmap.data[index] = ~dots
    this.#pictures.push({ bitmap, x, y })
    this.#arriving = undefined
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
        this.#line.say(bytesOf(`${this.#options.model}\r\n`))
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
        this.unknown.push(line)
        if (this.unknown.length > 100) this.unknown.shift()
    }
  }

  #print(copies: number): void {
    const dots = (mm: number | undefined) => Math.min(8_000, Math.round((mm ?? 0) * this.#options.dotsPerMm))
    const label = createBitmap(dots(this.told.width), dots(this.told.height))
    for (const { bitmap, x, y } of this.#pictures) paste(label, bitmap, x, y)
    this.strip.add(label, copies)
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

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

export function createTsplTwin(options: TsplTwinOptions): TsplTwin {
  return new TsplTwin(options)
}
