/** What is on the twin's paper: lines of characters, pictures, barcodes and where it was cut. All lengths are in dots. */

export interface CellStyle {
  readonly font: 'A' | 'B' | 'kanji'
  readonly scaleX: number
  readonly scaleY: number
  readonly bold: boolean
  /** Thickness; 0 for none. */
  readonly underline: number
  readonly invert: boolean
}

export function sameLook(a: CellStyle, b: CellStyle): boolean {
  return (
    a === b ||
    (a.font === b.font &&
      a.scaleX === b.scaleX &&
      a.scaleY === b.scaleY &&
      a.bold === b.bold &&
      a.underline === b.underline &&
      a.invert === b.invert)
  )
}

/** One printed character. `x` counts from the left edge of the printable width, `y` of its line is the top. */
export interface Cell {
  readonly char: string
  readonly x: number
  readonly width: number
  readonly height: number
  readonly style: CellStyle
}

/** Black and white dots, rows packed to bytes, most significant bit left, 1 is black. */
export interface Bitmap {
  readonly width: number
  readonly height: number
  readonly bits: Uint8Array
}

export interface Picture {
  readonly bitmap: Bitmap
  readonly scaleX: number
  readonly scaleY: number
}

/** A two-dimensional symbol as dark (1) and light (0) modules, row by row. */
export interface DrawnSymbol {
  readonly columns: number
  readonly rows: number
  readonly modules: ArrayLike<number | boolean>
}

interface Placed {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export type Item = Placed &
  (
    | { readonly kind: 'text'; readonly cells: readonly Cell[]; readonly flipped: boolean }
    | ({ readonly kind: 'image'; readonly flipped: boolean } & Picture)
    | {
        readonly kind: 'barcode'
        readonly symbology: string
        /** Widths of bars and spaces in turn, a bar first. */
        readonly elements: readonly number[]
        readonly barHeight: number
        readonly text: string
        readonly textAbove: boolean
        readonly textBelow: boolean
        readonly textFont: 'A' | 'B'
      }
    | {
        readonly kind: 'symbol'
        readonly symbology: 'qr' | 'pdf417'
        readonly text: string
        /** Undefined when nobody taught the twin how to draw it. */
        readonly drawn: DrawnSymbol | undefined
        readonly moduleWidth: number
        readonly moduleHeight: number
      }
  )

export type CutKind = 'full' | 'partial'

export interface Ticket {
  /** Counts from 1 since the twin was made. */
  readonly number: number
  readonly items: readonly Item[]
  readonly height: number
  /** How it was parted from the paper after it; `torn` when the twin tore off an endless one. */
  readonly cut: CutKind | 'torn'
}

export interface PaperOptions {
  readonly cellWidth: number
  readonly ticketsMax: number
  /** Longest paper without a cut; the twin tears it off then, so that it stays within its memory. */
  readonly ticketDotsMax: number
  /** From the print head to the blade. What is printed closer than this to the head is not cut off yet. */
  readonly cutterDistanceDots: number
}

export class Paper {
  readonly #options: PaperOptions
  #tickets: Ticket[] = []
  #items: Item[] = []
  #y = 0
  #cutOff = 0
  #revision = 0

  constructor(options: PaperOptions) {
    this.#options = options
  }

  /** Rises with every change. */
  get revision(): number {
    return this.#revision
  }

  /** Tickets that were cut off, oldest first, the newest `ticketsMax` of them. */
  get tickets(): readonly Ticket[] {
    return this.#tickets
  }

  /** What hangs out of the printer. */
  get current(): { readonly items: readonly Item[]; readonly height: number } {
    return { items: this.#items, height: this.#y }
  }

  get cutterDistanceDots(): number {
    return this.#options.cutterDistanceDots
  }

  /** Where the print head stands, from the last cut. */
  get y(): number {
    return this.#y
  }

  touch(): void {
    this.#revision++
  }

  add(item: Item): void {
    this.#items.push(item)
    this.#revision++
  }

  feed(dots: number): void {
    this.#y += dots
    this.#revision++
    if (this.#y > this.#options.ticketDotsMax) this.#part('torn', this.#y)
  }

  /** Cuts at the blade. Answers true when the blade went through something printed. */
  cut(kind: CutKind): boolean {
    return this.#part(kind, Math.max(0, this.#y - this.#options.cutterDistanceDots))
  }

  /** Takes all paper away. */
  clear(): void {
    this.#tickets = []
    this.#items = []
    this.#y = 0
    this.#revision++
  }

  #part(cut: Ticket['cut'], at: number): boolean {
    const off = this.#items.filter((item) => item.y < at)
    const rest = this.#items.filter((item) => item.y >= at)
    this.#tickets.push({ number: ++this.#cutOff, items: off, height: at, cut })
    this.#tickets = this.#tickets.slice(-this.#options.ticketsMax)
    this.#items = rest.map((item) => ({ ...item, y: item.y - at }))
    this.#y -= at
    this.#revision++
    return off.some((item) => item.y + item.height > at)
  }

  /** The printed lines of some items as plain text: characters in their columns, everything else as `[kind …]`. */
  lines(items: readonly Item[]): string[] {
    return items.map((item) => {
      if (item.kind === 'text')
        return textOf(item.flipped ? turned(item.cells) : item.cells, this.#options.cellWidth)
      if (item.kind === 'image') return `[image ${item.width}x${item.height}]`
      return `[${item.symbology} ${item.text}]`
    })
  }
}

/** Upside-down characters in the order in which they are read, from the left edge of the first. */
function turned(cells: readonly Cell[]): Cell[] {
  const right = Math.max(...cells.map((cell) => cell.x + cell.width))
  return cells.map((cell) => ({ ...cell, x: right - cell.x - cell.width }))
}

/** Columns are counted in cells of the normal font; a wide character stands for one. */
function textOf(cells: readonly Cell[], cellWidth: number): string {
  let text = ''
  let end = 0
  for (const cell of [...cells].sort((a, b) => a.x - b.x)) {
    text += ' '.repeat(Math.max(0, Math.round((cell.x - end) / cellWidth))) + cell.char
    end = cell.x + cell.width
  }
  return text.trimEnd()
}
