/** One-bit pages as PWG raster (PWG 5102.4), which every IPP Everywhere printer takes. Pure. */
import type { Bitmap } from './bitmap.ts'
import { joined } from './joined.ts'

export interface PwgRasterOptions {
  readonly dpi: number
  /** Size of the paper in points (1/72 inch). */
  readonly paper: { readonly width: number; readonly height: number }
  /** White at the left and at the top in points. */
  readonly margin: { readonly left: number; readonly top: number }
  /** Name of the paper in PWG 5101.1. */
  readonly paperName: string
}

const headerBytes = 1_796
const pointsPerInch = 72
/** sgray of 8 bits, the one colour space that all of these printers have. */
const greySpace = 18
const white = 0xff
const black = 0

/** Offsets of the header's numbers (PWG 5102.4, table 1), each 32 bits with the most significant byte first. */
const fields = {
  resolutionX: 276,
  resolutionY: 280,
  copies: 340,
  pageWidthPoints: 352,
  pageHeightPoints: 356,
  width: 372,
  height: 376,
  bitsPerColor: 384,
  bitsPerPixel: 388,
  bytesPerLine: 392,
  colorSpace: 400,
  colors: 420,
  pages: 452,
  crossFeed: 456,
  feed: 460,
} as const

/** All of a file but its pages. */
export const pwgStart: Uint8Array = ascii('RaS2')

/** The pages as one file. */
export function pwgRasterOf(pages: readonly Bitmap[], options: PwgRasterOptions): Uint8Array<ArrayBuffer> {
  return joined([pwgStart, ...pages.map((page) => pwgPageOf(page, pages.length, options))])
}

/** One of so many pages of a file, with its header. */
export function pwgPageOf(page: Bitmap, pages: number, options: PwgRasterOptions): Uint8Array {
  return joined([header(pages, options), body(page, options)])
}

const dotsOf = (points: number, dpi: number): number => Math.round((points * dpi) / pointsPerInch)

function header(pages: number, { dpi, paper, paperName }: PwgRasterOptions): Uint8Array {
  const bytes = new Uint8Array(headerBytes)
  const view = new DataView(bytes.buffer)
  bytes.set(ascii('PwgRaster'), 0)
  bytes.set(ascii(paperName.slice(0, 63)), 1_732)
  const [width, height] = [dotsOf(paper.width, dpi), dotsOf(paper.height, dpi)]
  const values: Record<keyof typeof fields, number> = {
    resolutionX: dpi,
    resolutionY: dpi,
    copies: 1,
    pageWidthPoints: Math.round(paper.width),
    pageHeightPoints: Math.round(paper.height),
    width,
    height,
    bitsPerColor: 8,
    bitsPerPixel: 8,
    bytesPerLine: width,
    colorSpace: greySpace,
    colors: 1,
    pages,
    crossFeed: 1,
    feed: 1,
  }
  for (const [name, offset] of Object.entries(fields))
    view.setUint32(offset, values[name as keyof typeof fields])
  return bytes
}

/** Rows with repeats counted, each in runs of equal bytes (PWG 5102.4, 4.2): black and white only makes no others. */
function body(page: Bitmap, { dpi, paper, margin }: PwgRasterOptions): Uint8Array {
  const [width, height] = [dotsOf(paper.width, dpi), dotsOf(paper.height, dpi)]
  const [left, top] = [dotsOf(margin.left, dpi), dotsOf(margin.top, dpi)]
  const shown = Math.max(0, Math.min(page.width, width - left))
  const runs = new Runs()
  for (let row = 0; row < height; ) {
    const ink = inkOf(page, row - top)
    let repeats = 1
    while (row + repeats < height && repeats < rowsOfOneCode && same(ink, inkOf(page, row + repeats - top)))
      repeats += 1
    runs.u8(repeats - 1)
    if (ink === undefined) runs.add(width, white)
    else {
      runs.add(Math.min(left, width), white)
      addDots(runs, ink, shown)
      runs.add(width - Math.min(left, width) - shown, white)
    }
    runs.endRow()
    row += repeats
  }
  return runs.end()
}

/** The bytes of a row; undefined for one without ink, or outside of the page. */
function inkOf({ data, rowBytes, height }: Bitmap, y: number): Uint8Array | undefined {
  if (y < 0 || y >= height) return undefined
  const row = data.subarray(y * rowBytes, (y + 1) * rowBytes)
  return row.some((byte) => byte !== 0) ? row : undefined
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

function addDots(runs: Runs, ink: Uint8Array, dots: number): void {
  for (let x = 0; x < dots; ) {
    const byte = ink[x >> 3]!
    const whole = (byte === 0 || byte === 0xff) && (x & 7) === 0 && x + 8 <= dots
    const count = whole ? 8 : 1
    runs.add(count, ((byte >> (7 - (x & 7))) & 1) === 1 ? black : white)
    x += count
  }
}

/** Rows that one code repeats, and bytes that one code repeats. */
const rowsOfOneCode = 256
const bytesOfOneCode = 128

class Runs {
  #bytes = new Uint8Array(4_096)
  #length = 0
  #level = white
  #count = 0

  u8(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[this.#length++] = value
  }

  add(count: number, level: number): void {
    if (level !== this.#level) {
      this.endRow()
      this.#level = level
    }
    this.#count += count
  }

  endRow(): void {
    for (let left = this.#count; left > 0; left -= bytesOfOneCode) {
      this.u8(Math.min(left, bytesOfOneCode) - 1)
      this.u8(this.#level)
    }
    this.#count = 0
  }

  end(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
