/** From the bytes of a PNG or JPEG file to the dots of a print: decode, scale, dither. */
import type { Bitmap } from './bitmap.ts'
import { decodePng } from './decode-png.ts'
import { type DitherMode, dither, scaledHeight, scaleToWidth } from './dither.ts'
import type { Grey } from './grey.ts'
import { type ImageHeader, imageInvalid, imageLimits } from './image-limits.ts'

export interface DitherOptions {
  /** Paper width in dots: a wider picture is scaled down to it. */
  readonly widthDots: number
  /** The width wanted in dots, larger or smaller than the picture's own; by default its own. */
  readonly width?: number | undefined
  readonly mode?: DitherMode | undefined
  /** Field path of the picture, for errors. */
  readonly path: string
}

/** The picture's width on paper. Throws HubError `image_invalid` when it would be longer than `printedRowsMax`. */
export function printedWidth(header: ImageHeader, options: DitherOptions): number {
  const width = Math.min(options.width ?? header.width, options.widthDots)
  const rows = scaledHeight(header, width)
  if (rows > imageLimits.printedRowsMax) {
    const reason = `it would be ${rows} rows long on paper; the limit is ${imageLimits.printedRowsMax}`
    throw imageInvalid(options.path, reason)
  }
  return width
}

export function ditherGrey(grey: Grey, width: number, mode: DitherMode | undefined): Bitmap {
  return dither(scaleToWidth(grey, width), mode)
}

/** A PNG whose header was read and found in order. */
export function ditherPng(bytes: Uint8Array, header: ImageHeader, options: DitherOptions): Bitmap {
  const width = printedWidth(header, options)
  return ditherGrey(decodePng(bytes, options.path), width, options.mode)
}
