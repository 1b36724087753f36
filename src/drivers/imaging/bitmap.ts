/** One-bit pictures as thermal printers take them: rows of packed bits, most significant first, 1 is black. */

export interface Bitmap {
  /** Dots. */
  readonly width: number
  /** Rows. */
  readonly height: number
  /** Bytes of one row: `width` rounded up to whole bytes. Bits past `width` are 0. */
  readonly rowBytes: number
  readonly data: Uint8Array<ArrayBuffer>
}

/** An all-white bitmap. */
export function createBitmap(width: number, height: number): Bitmap {
  const rowBytes = (width + 7) >> 3
  return { width, height, rowBytes, data: new Uint8Array(rowBytes * height) }
}

/** Whether the dot is black. Outside of the bitmap everything is white. */
export function isBlack(bitmap: Bitmap, x: number, y: number): boolean {
  if (x < 0 || y < 0 || x >= bitmap.width || y >= bitmap.height) return false
  return ((bitmap.data[y * bitmap.rowBytes + (x >> 3)]! >> (7 - (x & 7))) & 1) === 1
}

/** Blackens a rectangle; what lies outside of the bitmap is left out. */
export function fillBlack(bitmap: Bitmap, x: number, y: number, width: number, height: number): void {
  const right = Math.min(bitmap.width, x + width)
  const bottom = Math.min(bitmap.height, y + height)
  for (let row = Math.max(0, y); row < bottom; row++) {
    const start = row * bitmap.rowBytes
    for (let dot = Math.max(0, x); dot < right; dot++) {
      bitmap.data[start + (dot >> 3)] = bitmap.data[start + (dot >> 3)]! | (0x80 >> (dot & 7))
    }
  }
}

/** Copies a bitmap onto another at x, y (x, y at least 0); what does not fit is cut off. Black adds to black. */
export function paste(target: Bitmap, source: Bitmap, x: number, y: number): void {
  const shift = x & 7
  const firstByte = x >> 3
  const rows = Math.min(source.height, target.height - y)
  const spare = (8 - (target.width & 7)) & 7
  for (let row = 0; row < rows; row++) {
    const from = row * source.rowBytes
    const to = (y + row) * target.rowBytes
    let carry = 0
    for (let index = 0; index <= source.rowBytes; index++) {
      const at = firstByte + index
      if (at >= target.rowBytes) break
      const byte = index < source.rowBytes ? source.data[from + index]! : 0
      target.data[to + at] = target.data[to + at]! | carry | (byte >> shift)
      carry = (byte << (8 - shift)) & 0xff
    }
    if (spare !== 0) {
      const last = to + target.rowBytes - 1
      target.data[last] = target.data[last]! & (0xff << spare)
    }
  }
}

/** Rows `top` to `top + rows`, sharing the memory of the whole. */
export function band(bitmap: Bitmap, top: number, rows: number): Bitmap {
  const height = Math.max(0, Math.min(rows, bitmap.height - top))
  const start = top * bitmap.rowBytes
  return {
    width: bitmap.width,
    height,
    rowBytes: bitmap.rowBytes,
    data: bitmap.data.subarray(start, start + height * bitmap.rowBytes),
  }
}

/** The whole in bands of at most `rows` rows, top first. */
export function bands(bitmap: Bitmap, rows: number): Bitmap[] {
  const result: Bitmap[] = []
  for (let top = 0; top < bitmap.height; top += rows) result.push(band(bitmap, top, rows))
  return result
}

/** The bitmap with white around it. */
export function pad(
  bitmap: Bitmap,
  sides: { left?: number; right?: number; top?: number; bottom?: number },
): Bitmap {
  const { left = 0, right = 0, top = 0, bottom = 0 } = sides
  if (left === 0 && right === 0 && top === 0 && bottom === 0) return bitmap
  const padded = createBitmap(left + bitmap.width + right, top + bitmap.height + bottom)
  paste(padded, bitmap, left, top)
  return padded
}

/**
 * Puts a bitmap in its place on paper of `widthDots` by white on its left; nothing is added on the right, which would
 * only cost bytes. A bitmap as wide as the paper or wider comes back as it is.
 */
export function alignOnPaper(bitmap: Bitmap, widthDots: number, align: 'left' | 'center' | 'right'): Bitmap {
  const free = widthDots - bitmap.width
  if (free <= 0 || align === 'left') return bitmap
  return pad(bitmap, { left: align === 'center' ? free >> 1 : free })
}

/** One below the other, left edges in line, as wide as the widest. */
export function stack(bitmaps: readonly Bitmap[]): Bitmap {
  const width = bitmaps.reduce((widest, bitmap) => Math.max(widest, bitmap.width), 0)
  const height = bitmaps.reduce((sum, bitmap) => sum + bitmap.height, 0)
  const whole = createBitmap(width, height)
  let top = 0
  for (const bitmap of bitmaps) {
    paste(whole, bitmap, 0, top)
    top += bitmap.height
  }
  return whole
}

/** The bitmap without the white bytes on the right of all its rows; at least one byte wide. */
export function trimRight(bitmap: Bitmap): Bitmap {
  const { rowBytes, height, data } = bitmap
  let kept = 1
  for (let row = 0; row < height && kept < rowBytes; row++) {
    let last = rowBytes - 1
    while (last >= kept && data[row * rowBytes + last] === 0) last -= 1
    kept = Math.max(kept, last + 1)
  }
  if (kept === rowBytes) return bitmap
  const trimmed = createBitmap(kept * 8, height)
  for (let row = 0; row < height; row++) {
    trimmed.data.set(data.subarray(row * rowBytes, row * rowBytes + kept), row * kept)
  }
  return trimmed
}
