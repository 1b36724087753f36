/**
 * The simulated EPL2 label printer: reads commands line by line and the picture of GW by its length, and answers ^ee, UQ and, after
 * US, each print command. It shares nothing with the driver.
 */
import { HubError } from '../../../protocol/errors.ts'
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../driver.ts'
import { type Bitmap, createBitmap, paste } from '../../imaging/bitmap.ts'
import { LabelStrip } from '../../imaging/label-strip.ts'
import { TwinLine } from '../../twin-line.ts'

export interface EplTwinOptions {
  clock: DriverClock
  /** How long one label takes. */
  printMs?: number
}

const lineBytesMax = 1_024
const pictureBytesMax = 4 * 1024 * 1024

/** A picture whose bytes are coming in. */
interface Arriving {
  x: number
  y: number
  rowBytes: number
  rows: number
  data: number[]
}

export class EplTwin implements Twin {
  onPlug: ((on: boolean) => void) | undefined
  paused = false
  /** Whether US is on. */
  reports = false
  /** Width and length as told by q and Q, and the gap. */
  told: { width?: number; length?: number; gap?: number } = {}
  darkness: number | undefined
  readonly unknown: string[] = []
  readonly strip: LabelStrip
  readonly #line: TwinLine
  #text: number[] = []
  #arriving: Arriving | undefined
  #pictures: { bitmap: Bitmap; x: number; y: number }[] = []
  /** Labels of each print command that still waits for its ACK. */
  #owed: number[] = []
  #error = 0

  constructor({ clock, printMs = 300 }: EplTwinOptions) {
    this.strip = new LabelStrip({ clock, printMs, onPrinted: () => this.#acknowledge() })
    this.#line = new TwinLine({
      clock,
      onBytes: (bytes) => {
        for (const byte of bytes) this.#take(byte)
      },
      onAttach: () => {
        this.#text = []
        this.#arriving = undefined
      },
      onPlug: (on) => {
        if (!on) this.#powerOff()
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
    this.#powerOff()
    this.#line.stop()
  }

  #powerOff(): void {
    this.strip.forget()
    this.#owed = []
    this.#pictures = []
    this.reports = false
  }

  #take(byte: number): void {
    const arriving = this.#arriving
    if (arriving !== undefined) {
      arriving.data.push(byte)
      if (arriving.data.length === arriving.rowBytes * arriving.rows) this.#takePicture(arriving)
      return
    }
    if (byte === 0x0a || byte === 0x0d) {
      this.#obey(String.fromCharCode(...this.#text))
      this.#text = []
      return
    }
    if (this.#text.length < lineBytesMax) this.#text.push(byte)
    // The data of GW begin at its last comma, on the same line.
    if (byte !== 0x2c || this.#text[0] !== 0x47) return
    const [, x, y, rowBytes, rows] =
      /^GW(\d+),(\d+),(\d+),(\d+),$/.exec(String.fromCharCode(...this.#text)) ?? []
    if (rows === undefined) return
    this.#text = []
    const size = Number(rowBytes) * Number(rows)
    if (size === 0 || size > pictureBytesMax) this.#fail(4)
    else
      this.#arriving = {
        x: Number(x),
        y: Number(y),
        rowBytes: Number(rowBytes),
        rows: Number(rows),
        data: [],
      }
  }

  #takePicture({ x, y, rowBytes, rows, data }: Arriving): void {
    const bitmap = createBitmap(rowBytes * 8, rows)
    for (const [index, byte] of data.entries()) bitmap.data[index] = ~byte
    this.#pictures.push({ bitmap, x, y })
    this.#arriving = undefined
  }

  #obey(line: string): void {
    const numbers = line
      .slice(1)
      .split(',')
      .map((part) => Number.parseInt(part, 10))
    if (line === '') return
    if (line === '^ee') this.#tellErrors()
    else if (line === 'UQ')
      this.#line.say(bytesOf('UKQ1935HLU  V4.42\r\nSerial port:96,N,8,1\r\nPage Mode\r\n'))
    else if (line === 'US') this.reports = true
    else if (line === 'UN') this.reports = false
    else if (line === 'N') {
      this.#pictures = []
      this.#error = 0
    } else if (/^q\d+$/.test(line)) this.told.width = numbers[0]!
    else if (/^Q\d+,\d+$/.test(line)) this.told = { ...this.told, length: numbers[0]!, gap: numbers[1]! }
    else if (/^D\d+$/.test(line)) this.darkness = numbers[0]
    else if (/^S\d$/.test(line)) return
    else if (/^P\d+$/.test(line)) this.#print(numbers[0]!)
    else {
      this.unknown.push(line)
      if (this.unknown.length > 100) this.unknown.shift()
      this.#error = 1
    }
  }

  #print(copies: number): void {
    if (this.#error !== 0) {
      this.#fail(this.#error)
      return
    }
    const label = createBitmap(this.told.width ?? 832, this.told.length ?? 1_200)
    for (const { bitmap, x, y } of this.#pictures) paste(label, bitmap, x, y)
    this.#owed.push(copies)
    this.strip.add(label, copies)
  }

  #acknowledge(): void {
    if (this.#owed[0] === undefined) return
    this.#owed[0] -= 1
    if (this.#owed[0] > 0) return
    this.#owed.shift()
    if (this.reports) this.#line.say(Uint8Array.of(0x06))
  }

  #fail(code: number): void {
    this.#error = code
    if (this.reports) this.#line.say(bytesOf(`\x15${String(code).padStart(2, '0')}`))
  }

  #tellErrors(): void {
    const codes = [
      ...(this.#error === 0 ? [] : [this.#error]),
      ...(this.strip.paperState === 'out' ? [7] : []),
      ...(this.strip.coverOpen ? [11] : []),
      ...(this.paused ? [12] : []),
    ].map((code) => String(code).padStart(2, '0'))
    this.#line.say(bytesOf(`${codes.length === 0 ? '00' : codes.join(',')}\r\n`))
  }
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

export function createEplTwin(options: EplTwinOptions): EplTwin {
  return new EplTwin(options)
}
