/** One-bit pages as PWG raster (PWG 5102.4), which every IPP Everywhere printer takes. Pure. */
import { type Bitmap, isBlack } from './bitmap.ts'

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

export function pwgRasterOf(pages: readonly Bitmap[], options: PwgRasterOptions): Uint8Array<ArrayBuffer> {
  const parts = [
    ascii('RaS2'),
    ...pages.flatMap((page) => [header(pages.length, options), body(page, options)]),
  ]
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    file.set(part, at)
    at += part.length
  }
  return file
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

/** Rows with repeats counted, each in runs of equal and of different bytes (PWG 5102.4, 4.2). */
function body(page: Bitmap, { dpi, paper, margin }: PwgRasterOptions): Uint8Array {
  const [width, height] = [dotsOf(paper.width, dpi), dotsOf(paper.height, dpi)]
  const [left, top] = [dotsOf(margin.left, dpi), dotsOf(margin.top, dpi)]
  const out: number[] = []
  const blank = encodedRow(page, -1, 0, width)
  const rowAt = (row: number) =>
    isBlankRow(page, row - top) ? blank : encodedRow(page, row - top, left, width)
  let line = rowAt(0)
  for (let row = 0; row < height; ) {
    let repeats = 1
    let next = rowAt(row + repeats)
    while (row + repeats < height && repeats < 256 && same(next, line)) {
      repeats += 1
      next = rowAt(row + repeats)
    }
    out.push(repeats - 1)
    for (const byte of line) out.push(byte)
    row += repeats
    line = next
  }
  return Uint8Array.from(out)
}

function isBlankRow({ data, rowBytes, height }: Bitmap, y: number): boolean {
  if (y < 0 || y >= height) return true
  for (let at = y * rowBytes; at < (y + 1) * rowBytes; at++) if (data[at] !== 0) return false
  return true
}

/** Black and white only makes runs of equal bytes: a count less one, and the byte. */
function encodedRow(page: Bitmap, y: number, left: number, width: number): number[] {
  const out: number[] = []
  for (let x = 0; x < width; ) {
    const black = isBlack(page, x - left, y)
    let count = 1
    while (count < 128 && x + count < width && isBlack(page, x + count - left, y) === black) count += 1
    out.push(count - 1, black ? 0 : white)
    x += count
  }
  return out
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]))
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
