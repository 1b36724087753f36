/** Grey pictures, and how colour becomes grey: what the ditherer takes. */

/** One byte a pixel, row after row; 0 black, 255 white. */
export interface Grey {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Four bytes a pixel: red, green, blue, and how far it covers. */
export interface Rgba {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Luma in integers (ITU-R BT.601 weights in 1/256). */
export function luma(red: number, green: number, blue: number): number {
  return (red * 77 + green * 151 + blue * 28 + 128) >> 8
}

/** What paper shows of a grey pixel that is partly transparent: transparent is white. alpha: 0 to 255. */
export function overWhite(grey: number, alpha: number): number {
  return 255 - ((((255 - grey) * alpha + 127) / 255) | 0)
}

/**
 * RGBA (4 bytes a pixel) as one word a pixel: one load instead of four. Every machine Node runs on is little-endian, so
 * red is the lowest byte.
 */
export function wordsOf(rgba: Uint8Array): Int32Array {
  const aligned = rgba.byteOffset % 4 === 0 ? rgba : rgba.slice()
  return new Int32Array(aligned.buffer, aligned.byteOffset, rgba.length >> 2)
}

/** Fills a row of grey from RGBA words starting at pixel `from`; transparent is white. */
export function greyRowOf(words: Int32Array, from: number, row: Uint8Array): void {
  for (let index = 0; index < row.length; index++) {
    const word = words[from + index]!
    // Red times 77 and blue times 28 in the upper half of one product; the carry from the lower half is 0.
    const redAndBlue = Math.imul(word & 0xff00ff, 0x4d001c) >>> 16
    const grey = (redAndBlue + ((word >> 8) & 255) * 151 + 128) >> 8
    row[index] = word >>> 24 === 255 ? grey : overWhite(grey, word >>> 24)
  }
}

export function greyOfRgba({ data, height, width }: Rgba): Grey {
  const grey = new Uint8Array(width * height)
  greyRowOf(wordsOf(data), 0, grey)
  return { width, height, data: grey }
}
