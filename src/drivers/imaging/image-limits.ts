/** How large a picture may be, and what its header says before a byte of it is decoded. */
import { HubError } from '../../protocol/errors.ts'

export const imageLimits = {
  /** A phone's 12 megapixels with room; decoded to grey that is 16 MB, which a box of 1 GB can spare for a moment. */
  imagePixelsMax: 16_000_000,
  /** Uncompressed bytes of a PNG: 16 megapixels of 8-bit RGBA and a filter byte a row. */
  pngInflatedBytesMax: 68_000_000,
  /** What the JPEG decoder may allocate, in MB: 16 megapixels without chroma subsampling. */
  jpegMemoryMbMax: 320,
  /** Rows on paper: two metres at 203 dpi. */
  printedRowsMax: 16_000,
} as const

export interface ImageHeader {
  readonly format: 'png' | 'jpeg'
  /** Pixels. */
  readonly width: number
  readonly height: number
}

export function imageInvalid(path: string, reason: string, cause?: unknown): HubError {
  return new HubError('image_invalid', { path, reason }, cause)
}

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/**
 * Format and size from the header alone. Throws HubError `image_invalid` for what is neither PNG nor JPEG, and
 * `image_too_large` before anything is allocated for a picture over `imagePixelsMax`.
 */
export function readImageHeader(bytes: Uint8Array, path: string): ImageHeader {
  const header = pngSignature.every((byte, index) => bytes[index] === byte)
    ? readPngSize(bytes, path)
    : bytes[0] === 0xff && bytes[1] === 0xd8
      ? readJpegSize(bytes, path)
      : undefined
  if (header === undefined) throw imageInvalid(path, 'it is neither PNG nor JPEG')
  if (header.width === 0 || header.height === 0) throw imageInvalid(path, 'it has no pixels')
  const pixels = header.width * header.height
  const pixelsMax = imageLimits.imagePixelsMax
  if (pixels > pixelsMax) throw new HubError('image_too_large', { path, pixels, pixelsMax })
  return header
}

/** IHDR is the first chunk and has 13 bytes (PNG specification, 11.2.1). */
function readPngSize(bytes: Uint8Array, path: string): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 33 || view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452) {
    throw imageInvalid(path, 'the PNG header is missing')
  }
  return { format: 'png', width: view.getUint32(16), height: view.getUint32(20) }
}

/** Walks the marker segments up to the start of frame (ITU T.81, B.2). */
function readJpegSize(bytes: Uint8Array, path: string): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 2
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) throw imageInvalid(path, 'a JPEG marker is missing')
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at += 1
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) {
      if (marker > 0xc2)
        throw imageInvalid(path, 'this kind of JPEG is not supported; use baseline or progressive')
      if (at + 9 > bytes.length) break
      return { format: 'jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
    }
    if (marker === 0xda || marker === 0xd9) break
    at += 2 + view.getUint16(at + 2)
  }
  throw imageInvalid(path, 'the JPEG has no frame header')
}
