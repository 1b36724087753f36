/** Pictures of a simulated label printer: as their bytes come in, and as they lie on a label. */
import { type Bitmap, createBitmap, paste } from '../../../imaging/bitmap.ts'

/** In dots from the upper left corner of the label. */
export interface PlacedPicture {
  bitmap: Bitmap
  x: number
  y: number
}

/** Largest picture that fits a printer's memory, in bytes. */
const pictureBytesMax = 4 * 1024 * 1024

/** A picture whose bytes are coming in: row by row, a zero bit is black. */
export class ArrivingPicture {
  readonly #picture: PlacedPicture
  #taken = 0

  /** A row is `rowBytes` of eight dots each. undefined: it has no dots, or more than the memory. */
  static begin(x: number, y: number, rowBytes: number, rows: number): ArrivingPicture | undefined {
    const size = rowBytes * rows
    if (size === 0 || size > pictureBytesMax) return undefined
    return new ArrivingPicture({ bitmap: createBitmap(rowBytes * 8, rows), x, y })
  }

  private constructor(picture: PlacedPicture) {
    this.#picture = picture
  }

  /** Takes a byte; answers the picture with the last one. */
  take(byte: number): PlacedPicture | undefined {
    const { data } = this.#picture.bitmap
    data[this.#taken++] = ~byte
    return this.#taken === data.length ? this.#picture : undefined
  }
}

/** A label of so many dots with the pictures on it. */
export function labelOf(width: number, length: number, pictures: readonly PlacedPicture[]): Bitmap {
  const label = createBitmap(width, length)
  for (const { bitmap, x, y } of pictures) paste(label, bitmap, x, y)
  return label
}
