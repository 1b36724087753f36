/** PNG to grey with every allocation bounded by the header: all colour types, depths and interlacing of the standard. */
import { crc32, inflateSync } from 'node:zlib'
import { HubError } from '../../protocol/errors.ts'
import { type Grey, luma, overWhite } from './grey.ts'
import { imageInvalid, imageLimits } from './image-limits.ts'

interface PngFormat {
  readonly width: number
  readonly height: number
  /** Bits of one sample. */
  readonly depth: number
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colour: number
  readonly interlaced: boolean
  /** Bits of one pixel. */
  readonly bits: number
}

interface PngFile {
  readonly format: PngFormat
  /** The IDAT chunks in one piece. */
  readonly compressed: Uint8Array
  /** What paper shows of each palette entry. */
  readonly palette: Uint8Array | undefined
  /** The one colour that is transparent, of pictures without alpha: its samples. */
  readonly transparent: readonly number[] | undefined
}

const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}

/** First column, first row, column step and row step of the seven passes (PNG specification, 8.2). */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** Throws HubError `image_invalid` or `image_too_large`. The caller has read the header with `readImageHeader`. */
export function decodePng(bytes: Uint8Array, path: string): Grey {
  const file = readChunks(bytes, path)
  const { format } = file
  const passes = format.interlaced ? adam7 : [[0, 0, 1, 1] as const]
  const sizes = passes.map(([x, y, stepX, stepY]) => {
    const width = Math.ceil((format.width - x) / stepX)
    const height = Math.ceil((format.height - y) / stepY)
    return { width: Math.max(0, width), height: width > 0 ? Math.max(0, height) : 0 }
  })
  const rowBytes = (width: number) => Math.ceil((width * format.bits) / 8)
  const total = sizes.reduce((sum, { width, height }) => sum + (1 + rowBytes(width)) * height, 0)
  if (total > imageLimits.pngInflatedBytesMax) {
    const pixels = format.width * format.height
    const pixelsMax = Math.floor((pixels * imageLimits.pngInflatedBytesMax) / total)
    throw new HubError('image_too_large', { path, pixels, pixelsMax })
  }
  const raw = inflate(file.compressed, total, path)

  const data = new Uint8Array(format.width * format.height)
  let at = 0
  for (const [index, [x, y, stepX, stepY]] of passes.entries()) {
    const { width, height } = sizes[index]!
    const stride = rowBytes(width)
    unfilter(raw, at, stride, height, Math.max(1, format.bits >> 3), path)
    for (let row = 0; row < height; row++) {
      const from = at + row * (stride + 1) + 1
      greyRow(file, raw, from, width, data, (y + row * stepY) * format.width + x, stepX)
    }
    at += (stride + 1) * height
  }
  return { width: format.width, height: format.height, data }
}

function readChunks(bytes: Uint8Array, path: string): PngFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let format: PngFormat | undefined
  let colours: Uint8Array | undefined
  let transparency: Uint8Array | undefined
  const pieces: Uint8Array[] = []
  let at = 8
  for (;;) {
    if (at + 12 > bytes.length) throw imageInvalid(path, 'the PNG is cut off')
    const length = view.getUint32(at)
    const end = at + 8 + length
    if (end + 4 > bytes.length) throw imageInvalid(path, 'the PNG is cut off')
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      throw imageInvalid(path, `the checksum of the PNG chunk ${type} is wrong`)
    }
    const chunk = bytes.subarray(at + 8, end)
    if (type === 'IHDR') format = readFormat(view, at + 8, path)
    else if (type === 'PLTE') colours = chunk
    else if (type === 'tRNS') transparency = chunk
    else if (type === 'IDAT') pieces.push(chunk)
    else if (type === 'IEND') break
    at = end + 4
  }
  if (format === undefined || pieces.length === 0) throw imageInvalid(path, 'the PNG has no picture in it')
  if (format.colour === 3 && colours === undefined) throw imageInvalid(path, 'the PNG has no palette')
  return {
    format,
    compressed: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces),
    palette: format.colour === 3 ? readPalette(colours!, transparency) : undefined,
    transparent: format.colour === 3 ? undefined : readTransparentColour(transparency),
  }
}

function readFormat(view: DataView, at: number, path: string): PngFormat {
  const depth = view.getUint8(at + 8)
  const colour = view.getUint8(at + 9)
  const interlace = view.getUint8(at + 12)
  const known = depthsOf[colour]?.includes(depth) && interlace <= 1
  if (!known || view.getUint8(at + 10) !== 0 || view.getUint8(at + 11) !== 0) {
    throw imageInvalid(path, 'the PNG header asks for a format that does not exist')
  }
  return {
    width: view.getUint32(at),
    height: view.getUint32(at + 4),
    depth,
    colour,
    interlaced: interlace === 1,
    bits: depth * samplesOf[colour]!,
  }
}

/** 256 entries; what an index past the palette shows is white. */
function readPalette(colours: Uint8Array, alphas: Uint8Array | undefined): Uint8Array {
  const palette = new Uint8Array(256).fill(255)
  for (let index = 0; index * 3 + 2 < Math.min(colours.length, 768); index++) {
    const grey = luma(colours[index * 3]!, colours[index * 3 + 1]!, colours[index * 3 + 2]!)
    palette[index] = overWhite(grey, alphas?.[index] ?? 255)
  }
  return palette
}

/** Two bytes a sample whatever the depth. */
function readTransparentColour(chunk: Uint8Array | undefined): number[] | undefined {
  if (chunk === undefined) return undefined
  return Array.from(
    { length: chunk.length >> 1 },
    (_, index) => (chunk[index * 2]! << 8) | chunk[index * 2 + 1]!,
  )
}

/** Deflate's best ratio: 258 bytes by two bits (RFC 1951, 3.2.5). */
const inflateRatioMax = 1_032

/**
 * Inflates to exactly `total` bytes. A stream that has more is stopped there; one too short to hold so much is refused
 * before memory is taken for it.
 */
function inflate(compressed: Uint8Array, total: number, path: string): Uint8Array {
  if (compressed.length * inflateRatioMax < total) throw imageInvalid(path, 'its compressed data is cut off')
  let raw: Uint8Array
  try {
    // One chunk as large as the whole saves joining many small ones; 64 is the least zlib takes.
    raw = inflateSync(compressed, { maxOutputLength: total, chunkSize: Math.max(64, total + 1) })
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    const reason = tooLong ? 'it holds more data than its size allows' : 'its compressed data is damaged'
    throw imageInvalid(path, reason, error)
  }
  if (raw.length !== total) throw imageInvalid(path, 'its compressed data is cut off')
  return raw
}

/** Undoes the row filters in place (PNG specification, 9.2). `step` is the bytes of one pixel, at least 1. */
function unfilter(
  raw: Uint8Array,
  start: number,
  stride: number,
  rows: number,
  step: number,
  path: string,
): void {
  for (let row = 0; row < rows; row++) {
    const from = start + row * (stride + 1) + 1
    const end = from + stride
    const above = from - stride - 1
    if (raw[from - 1]! > 4) throw imageInvalid(path, 'its compressed data is damaged')
    // With nothing above, the nearest neighbour of filter 4 is always the left one, as in filter 1.
    const filter = row === 0 && raw[from - 1] === 4 ? 1 : raw[from - 1]
    if (filter === 1) {
      for (let at = from + step; at < end; at++) raw[at] = raw[at]! + raw[at - step]!
    } else if (filter === 2 && row > 0) {
      for (let at = from, up = above; at < end; at++, up++) raw[at] = raw[at]! + raw[up]!
    } else if (filter === 3) {
      for (let at = from, up = above; at < end; at++, up++) {
        const left = at - step >= from ? raw[at - step]! : 0
        raw[at] = raw[at]! + ((left + (row > 0 ? raw[up]! : 0)) >> 1)
      }
    } else if (filter === 4) {
      unfilterPaeth(raw, from, end, above, step)
    }
  }
}

/** Each byte of a pixel by itself, so that its left and upper left neighbours stay in registers. */
function unfilterPaeth(raw: Uint8Array, from: number, end: number, above: number, step: number): void {
  const toAbove = above - from
  for (let offset = 0; offset < step; offset++) {
    let left = 0
    let corner = 0
    for (let at = from + offset; at < end; at += step) {
      const up = raw[at + toAbove]!
      const upStep = up - corner
      const leftStep = left - corner
      const toLeft = upStep < 0 ? -upStep : upStep
      const toUp = leftStep < 0 ? -leftStep : leftStep
      const both = upStep + leftStep
      const toCorner = both < 0 ? -both : both
      const nearest = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner
      left = (raw[at]! + nearest) & 255
      raw[at] = left
      corner = up
    }
  }
}

/** One row of samples as grey into every `step`th pixel of `data` from `to`. */
function greyRow(
  file: PngFile,
  raw: Uint8Array,
  from: number,
  width: number,
  data: Uint8Array,
  to: number,
  step: number,
): void {
  const { colour, depth } = file.format
  if (depth === 8 && file.transparent === undefined) {
    greyRow8(colour, file.palette, raw, from, width, data, to, step)
    return
  }
  const samples = samplesOf[colour]!
  const values = [0, 0, 0, 0]
  for (let x = 0, out = to; x < width; x++, out += step) {
    for (let index = 0; index < samples; index++)
      values[index] = sampleAt(raw, from, x * samples + index, depth)
    data[out] = greyOfSamples(file, values)
  }
}

/** The common case, 8 bits a sample, without a detour. */
function greyRow8(
  colour: number,
  palette: Uint8Array | undefined,
  raw: Uint8Array,
  from: number,
  width: number,
  data: Uint8Array,
  to: number,
  step: number,
): void {
  let at = from
  let out = to
  for (let x = 0; x < width; x++, out += step) {
    if (colour === 6) {
      const alpha = raw[at + 3]!
      const grey = (raw[at]! * 77 + raw[at + 1]! * 151 + raw[at + 2]! * 28 + 128) >> 8
      data[out] = alpha === 255 ? grey : overWhite(grey, alpha)
      at += 4
    } else if (colour === 2) {
      data[out] = (raw[at]! * 77 + raw[at + 1]! * 151 + raw[at + 2]! * 28 + 128) >> 8
      at += 3
    } else if (colour === 0) {
      data[out] = raw[at++]!
    } else if (colour === 4) {
      data[out] = overWhite(raw[at]!, raw[at + 1]!)
      at += 2
    } else {
      data[out] = palette![raw[at++]!]!
    }
  }
}

function sampleAt(raw: Uint8Array, from: number, index: number, depth: number): number {
  if (depth === 16) return (raw[from + index * 2]! << 8) | raw[from + index * 2 + 1]!
  if (depth === 8) return raw[from + index]!
  const bit = index * depth
  return (raw[from + (bit >> 3)]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1)
}

/** Samples of one pixel at the picture's depth as what paper shows. */
function greyOfSamples(file: PngFile, values: readonly number[]): number {
  const { colour, depth } = file.format
  if (colour === 3) return file.palette![values[0]!]!
  if (file.transparent?.every((sample, index) => sample === values[index])) return 255
  const to8 = (value: number) => (depth === 16 ? value >> 8 : (value * 255) / ((1 << depth) - 1)) | 0
  if (colour === 0) return to8(values[0]!)
  if (colour === 4) return overWhite(to8(values[0]!), to8(values[1]!))
  const grey = luma(to8(values[0]!), to8(values[1]!), to8(values[2]!))
  return colour === 6 ? overWhite(grey, to8(values[3]!)) : grey
}
