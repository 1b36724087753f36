/** Grey to black and white: scaling to the paper's width and Floyd–Steinberg error diffusion, in tight integer loops. */
import { type Bitmap, createBitmap } from './bitmap.ts'
import { type Grey, greyRowOf, wordsOf } from './grey.ts'

export type DitherMode = 'floyd-steinberg' | 'threshold'

/** Grey levels above it are white. */
const whiteAbove = 127
const whiteAboveSixteenths = whiteAbove * 16 + 15

/** One dot a pixel, at the picture's own size. */
export function dither(grey: Grey, mode: DitherMode = 'floyd-steinberg'): Bitmap {
  const { width, height, data } = grey
  return ditherRows(width, height, mode, (y, row) => row.set(data.subarray(y * width, (y + 1) * width)))
}

/** The same for RGBA. Each row turns grey just before it is dithered, while it is in the cache. */
export function ditherRgba(
  rgba: Uint8Array,
  width: number,
  height: number,
  mode: DitherMode = 'floyd-steinberg',
): Bitmap {
  const words = wordsOf(rgba)
  return ditherRows(width, height, mode, (y, row) => greyRowOf(words, y * width, row))
}

function ditherRows(
  width: number,
  height: number,
  mode: DitherMode,
  read: (y: number, row: Uint8Array) => void,
): Bitmap {
  const bitmap = createBitmap(width, height)
  const row = new Uint8Array(width)
  // errors[x + 1] is what the row above left for column x, in 1/16 grey levels.
  const errors = new Int16Array(width + 2)
  for (let y = 0; y < height; y++) {
    read(y, row)
    if (mode === 'threshold') thresholdRow(row, bitmap.data, y * bitmap.rowBytes)
    else diffuseRow(row, errors, bitmap.data, y * bitmap.rowBytes)
  }
  return bitmap
}

function thresholdRow(row: Uint8Array, out: Uint8Array, from: number): void {
  const width = row.length
  let to = from
  let bits = 0
  for (let x = 0; x < width; x++) {
    bits = (bits << 1) | (row[x]! > whiteAbove ? 0 : 1)
    if ((x & 7) === 7) {
      out[to++] = bits
      bits = 0
    }
  }
  if ((width & 7) !== 0) out[to] = bits << (8 - (width & 7))
}

/**
 * Floyd–Steinberg from left to right: 7/16 of a pixel's error go right, 3/16, 5/16 and 1/16 to the row below. One array
 * carries the errors of both rows: an element is read for this row one step before it is overwritten for the next.
 * The decision is arithmetic (a mask from the sign), because a branch on noise is mispredicted half of the time.
 */
function diffuseRow(row: Uint8Array, errors: Int16Array, out: Uint8Array, from: number): void {
  const width = row.length
  let to = from
  let bits = 0
  // Half a level, 8/16, rides on it for rounding.
  let right = 8
  let below = 0
  let belowRight = 0
  for (let x = 0; x < width; x++) {
    const sixteenths = (row[x]! << 4) + errors[x + 1]! + right
    const white = (whiteAboveSixteenths - sixteenths) >> 31
    const level = sixteenths >> 4
    const error = level - (255 & white)
    bits = (bits << 1) | (white + 1)
    // 7 * error + 8, from what is known one step before the error: this is what the next pixel waits for.
    right = (level << 3) - level - (1_785 & white) + 8
    errors[x] = below + 3 * error
    below = belowRight + 5 * error
    belowRight = error
    if ((x & 7) === 7) {
      out[to++] = bits
      bits = 0
    }
  }
  errors[width] = below
  if ((width & 7) !== 0) out[to] = bits << (8 - (width & 7))
}

/**
 * Scales to `width` pixels, keeping the proportions: each pixel becomes the mean of the area it covers, so that thin
 * lines of a large picture turn grey instead of falling out.
 */
export function scaleToWidth(grey: Grey, width: number): Grey {
  if (width === grey.width) return grey
  const height = scaledHeight(grey, width)
  const data = new Uint8Array(width * height)
  const bounds = areaBounds(grey.width, width)
  const sums = new Float64Array(grey.width + 1)
  const rowMeans = new Float32Array(width)
  const means = new Float32Array(width)
  const rowScale = grey.height / height
  const pixelShare = 1 / (grey.width / width)

  let out = 0
  let rowsLeft = rowScale
  for (let y = 0; y < grey.height; y++) {
    meansOfRow(grey, y, sums, bounds, pixelShare, rowMeans)
    let ofThisRow = 1
    // A source row is shared out among the target rows it touches.
    while (ofThisRow > 1e-9 && out < height) {
      const part = Math.min(ofThisRow, rowsLeft)
      for (let x = 0; x < width; x++) means[x] = means[x]! + rowMeans[x]! * part
      ofThisRow -= part
      rowsLeft -= part
      if (rowsLeft > 1e-9) continue
      for (let x = 0, at = out * width; x < width; x++) data[at++] = means[x]! / rowScale + 0.5
      means.fill(0)
      rowsLeft = rowScale
      out += 1
    }
  }
  // Rounding may leave the last row a hair short of complete.
  if (out < height)
    for (let x = 0; x < width; x++) data[out * width + x] = means[x]! / (rowScale - rowsLeft) + 0.5
  return { width, height, data }
}

/** Rows of a picture scaled to `width`. */
export function scaledHeight(size: { width: number; height: number }, width: number): number {
  return Math.max(1, Math.round((size.height * width) / size.width))
}

/** Where the areas of `count` target pixels begin and end, in source pixels. */
function areaBounds(sourceWidth: number, count: number): Float64Array {
  const bounds = Float64Array.from({ length: count + 1 }, (_, index) => (index * sourceWidth) / count)
  bounds[count] = sourceWidth
  return bounds
}

/** The mean of each area of one row, by differences of a running sum. */
function meansOfRow(
  grey: Grey,
  y: number,
  sums: Float64Array,
  bounds: Float64Array,
  pixelShare: number,
  means: Float32Array,
): void {
  const { width, data } = grey
  const start = y * width
  let sum = 0
  for (let x = 0; x < width; x++) {
    sum += data[start + x]!
    sums[x + 1] = sum
  }
  let before = 0
  for (let index = 0; index < means.length; index++) {
    const bound = bounds[index + 1]!
    const whole = bound | 0
    const after = whole >= width ? sum : sums[whole]! + (bound - whole) * data[start + whole]!
    means[index] = (after - before) * pixelShare
    before = after
  }
}
