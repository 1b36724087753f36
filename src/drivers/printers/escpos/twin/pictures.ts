/** Dots out of the parameters of ESC * and GS ( L. */
import type { Bitmap, Picture } from '../../common/twin/paper.ts'

const word = (low: number | undefined, high: number | undefined) => (low ?? 0) + (high ?? 0) * 256

/**
 * ESC *: columns of 8 or 24 dots, the top dot first. Single density draws every dot twice as wide, 8-dot columns are
 * three times as tall. What is beyond `roomDots` is left off.
 */
export function columnPicture(mode: number, columns: number, data: Uint8Array, roomDots: number): Picture {
  const bytesPerColumn = mode >= 32 ? 3 : 1
  const scaleX = mode === 0 || mode === 32 ? 2 : 1
  const width = Math.max(0, Math.min(columns, Math.floor(roomDots / scaleX)))
  const bitmap = blank(width, bytesPerColumn * 8)
  for (let x = 0; x < width; x++)
    for (let y = 0; y < bitmap.height; y++)
      if ((data[x * bytesPerColumn + (y >> 3)]! >> (7 - (y & 7))) & 1) setDot(bitmap, x, y)
  return { bitmap, scaleX, scaleY: mode >= 32 ? 1 : 3 }
}

/** GS ( L function 112, from its first parameter on: a picture of one colour, rows packed to bytes. */
export function storedPicture(data: Uint8Array): Picture | { wrong: string } {
  const [, , tone, scaleX, scaleY, colour, xl, xh, yl, yh] = data
  const headBytes = 10
  const width = word(xl, xh)
  const height = word(yl, yh)
  const bits = data.slice(headBytes)
  if (tone !== 48 || colour !== 49) return { wrong: `graphics tone ${tone}, colour ${colour}` }
  if ((scaleX !== 1 && scaleX !== 2) || (scaleY !== 1 && scaleY !== 2))
    return { wrong: `graphics scale ${scaleX} ${scaleY}` }
  if (width === 0 || height === 0) return { wrong: 'graphics without dots' }
  if (bits.length !== ((width + 7) >> 3) * height)
    return { wrong: `${bits.length} bytes for ${width} by ${height} dots` }
  return { bitmap: { width, height, bits }, scaleX, scaleY }
}

function blank(width: number, height: number): Bitmap {
  return { width, height, bits: new Uint8Array(((width + 7) >> 3) * height) }
}

function setDot(bitmap: Bitmap, x: number, y: number): void {
  const index = y * ((bitmap.width + 7) >> 3) + (x >> 3)
  bitmap.bits[index] = bitmap.bits[index]! | (0x80 >> (x & 7))
}
