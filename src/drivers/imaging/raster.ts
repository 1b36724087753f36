/** Ready dots, as a till has made them of its own: checked, and scaled only when the paper is narrower. */
import type { BlockOf } from '../../protocol/receipt.ts'
import { decodeBase64 } from './base64.ts'
import { type Bitmap, isBlack } from './bitmap.ts'
import { ditherGrey } from './dither-file.ts'
import type { Grey } from './grey.ts'
import { imageInvalid } from './image-limits.ts'

/** The dots of a block. Throws HubError `base64_invalid`, `image_invalid` when there are more or fewer bytes than its size tells. */
export function readRaster({ bits, height, width }: BlockOf<'raster'>, path: string): Bitmap {
  const data = decodeBase64(bits, path)
  const rowBytes = (width + 7) >> 3
  if (data.length !== rowBytes * height)
    throw imageInvalid(
      path,
      `it has ${data.length} bytes; ${height} rows of ${rowBytes} are ${rowBytes * height}`,
    )
  return (width & 7) === 0
    ? { width, height, rowBytes, data }
    : withoutStray({ width, height, rowBytes, data })
}

/** The same on narrower paper: as grey, so that thin lines do not fall out. Wider paper leaves it as it is. */
export function fitRaster(bitmap: Bitmap, widthDots: number): Bitmap {
  return bitmap.width <= widthDots ? bitmap : ditherGrey(greyOf(bitmap), widthDots, 'threshold')
}

/** Bits beyond the width are nobody's dots. */
function withoutStray(bitmap: Bitmap): Bitmap {
  const { data, height, rowBytes, width } = bitmap
  const mask = 0xff << (8 - (width & 7))
  for (let row = 1; row <= height; row++) {
    const last = row * rowBytes - 1
    data[last] = data[last]! & mask
  }
  return bitmap
}

function greyOf(bitmap: Bitmap): Grey {
  const { height, width } = bitmap
  const data = new Uint8Array(width * height)
  let at = 0
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data[at++] = isBlack(bitmap, x, y) ? 0 : 255
  return { width, height, data }
}
