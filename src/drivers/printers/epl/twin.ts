/**
 * The simulated EPL2 label printer: reads commands line by line and the picture of GW by its length, and answers ^ee, UQ and, after
 * US, each print command. It shares nothing with the driver.
 */
import type { DriverClock } from '../../driver.ts'
import { ArrivingPicture, labelOf, type PlacedPicture } from '../common/twin/label-picture.ts'
import { LabelTwin } from '../common/twin/label-twin.ts'

export interface EplTwinOptions {
  clock: DriverClock
  /** How long one label takes. */
  printMs?: number
}

const lineBytesMax = 1_024

export class EplTwin extends LabelTwin {
  /** Whether US is on. */
  reports = false
  /** Width and length as told by q and Q, and the gap. */
  told: { width?: number; length?: number; gap?: number } = {}
  darkness: number | undefined
  #text: number[] = []
  #arriving: ArrivingPicture | undefined
  #pictures: PlacedPicture[] = []
  /** Labels of each print command that still waits for its ACK. */
  #owed: number[] = []
  #error = 0

  protected override read(bytes: Uint8Array): void {
    for (const byte of bytes) this.#take(byte)
  }

  protected override forgetInput(): void {
    this.#text = []
    this.#arriving = undefined
  }

  protected override powerOff(): void {
    super.powerOff()
    this.#owed = []
    this.#pictures = []
    this.reports = false
  }

  #take(byte: number): void {
    if (this.#arriving !== undefined) {
      const picture = this.#arriving.take(byte)
      if (picture === undefined) return
      this.#pictures.push(picture)
      this.#arriving = undefined
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
    this.#arriving = ArrivingPicture.begin(Number(x), Number(y), Number(rowBytes), Number(rows))
    if (this.#arriving === undefined) this.#fail(4)
  }

  #obey(line: string): void {
    const numbers = line
      .slice(1)
      .split(',')
      .map((part) => Number.parseInt(part, 10))
    if (line === '') return
    if (line === '^ee') this.#tellErrors()
    else if (line === 'UQ') this.say('UKQ1935HLU  V4.42\r\nSerial port:96,N,8,1\r\nPage Mode\r\n')
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
      this.doesNotKnow(line)
      this.#error = 1
    }
  }

  #print(copies: number): void {
    if (this.#error !== 0) {
      this.#fail(this.#error)
      return
    }
    this.#owed.push(copies)
    this.strip.add(labelOf(this.told.width ?? 832, this.told.length ?? 1_200, this.#pictures), copies)
  }

  protected override printed(): void {
    if (this.#owed[0] === undefined) return
    this.#owed[0] -= 1
    if (this.#owed[0] > 0) return
    this.#owed.shift()
    if (this.reports) this.say('\x06')
  }

  #fail(code: number): void {
    this.#error = code
    if (this.reports) this.say(`\x15${String(code).padStart(2, '0')}`)
  }

  #tellErrors(): void {
    const codes = [
      ...(this.#error === 0 ? [] : [this.#error]),
      ...(this.strip.paperState === 'out' ? [7] : []),
      ...(this.strip.coverOpen ? [11] : []),
      ...(this.paused ? [12] : []),
    ].map((code) => String(code).padStart(2, '0'))
    this.say(`${codes.length === 0 ? '00' : codes.join(',')}\r\n`)
  }
}

export function createEplTwin(options: EplTwinOptions): EplTwin {
  return new EplTwin(options)
}
