/** The print buffer: one line as it is being put together, before it goes onto the paper. */
import type { Cell, CellStyle, Item, Picture } from './paper.ts'

interface Inline extends Picture {
  readonly x: number
}

export interface LineLayout {
  /** Left edge and width of the printing area. */
  readonly left: number
  readonly width: number
  readonly align: number
  readonly flipped: boolean
}

export class Line {
  /** Where the next character goes, from the left edge of the printing area. */
  x = 0
  #cells: Cell[] = []
  #pictures: Inline[] = []

  get empty(): boolean {
    return this.#cells.length === 0 && this.#pictures.length === 0 && this.x === 0
  }

  /** Height of the tallest thing in it. */
  get height(): number {
    const heights = [
      ...this.#cells.map((cell) => cell.height),
      ...this.#pictures.map((picture) => picture.bitmap.height * picture.scaleY),
    ]
    return Math.max(0, ...heights)
  }

  put(char: string, width: number, height: number, style: CellStyle): void {
    this.#cells.push({ char, x: this.x, width, height, style })
    this.x += width
  }

  picture(picture: Picture): void {
    this.#pictures.push({ ...picture, x: this.x })
    this.x += picture.bitmap.width * picture.scaleX
  }

  clear(): void {
    this.x = 0
    this.#cells = []
    this.#pictures = []
  }

  /** What comes onto the paper at `y`. Characters stand on a common lower edge. */
  items(y: number, layout: LineLayout): Item[] {
    const height = this.height
    const free = Math.max(0, layout.width - this.x)
    const shift = layout.left + Math.floor((free * layout.align) / 2)
    const mirror = (x: number, width: number) =>
      layout.flipped ? 2 * layout.left + layout.width - shift - x - width : shift + x
    const items: Item[] = this.#pictures.map(({ x, bitmap, scaleX, scaleY }) => {
      const width = bitmap.width * scaleX
      const tall = bitmap.height * scaleY
      return {
        kind: 'image',
        x: mirror(x, width),
        y: y + height - tall,
        width,
        height: tall,
        bitmap,
        scaleX,
        scaleY,
        flipped: layout.flipped,
      }
    })
    const cells = this.#cells.map((cell) => ({ ...cell, x: mirror(cell.x, cell.width) }))
    if (cells.length > 0)
      items.push({ kind: 'text', x: shift, y, width: this.x, height, cells, flipped: layout.flipped })
    return items
  }
}
