/** Draws a print payload (receipt, text, picture) into one-bit bitmaps, for printers whose own letters are not relied on. */
import { HubError } from '../../../protocol/errors.ts'
import type { PrintPayload } from '../../../protocol/job.ts'
import type { Align, Block, BlockOf, Receipt } from '../../../protocol/receipt.ts'
import type { BarcodeRequest } from '../../imaging/barcode.ts'
import { decodeBase64 } from '../../imaging/base64.ts'
import { type Bitmap, band, createBitmap, fillBlack, pad, paste, stack } from '../../imaging/bitmap.ts'
import { readImageHeader } from '../../imaging/image-limits.ts'
import type { Imaging } from '../../imaging/imaging.ts'
import { type TextLine, textLimits } from '../../imaging/text.ts'
import { prepareBarcode } from './layout/barcodes.ts'
import { indentOf, linesOf, placeColumns } from './layout/layout.ts'
import { symbolDefaults, unsupported } from './layout/receipt.ts'
import { CharTable } from './layout/segment.ts'

export const pictureLimits = {
  /** Bitmaps of one job together, in bytes: 160,000 rows of an 80 mm label, or 30 pages of A4 at 300 dpi. */
  jobBytesMax: 32 * 1024 * 1024,
  /** Pages or labels of one copy. */
  pagesMax: 200,
} as const

/** The paper. All lengths in dots. */
export interface PictureLayout {
  readonly widthDots: number
  /** A longer receipt goes on on the next page; undefined: a page is as long as what is on it. */
  readonly heightDots?: number
  /** Characters of the normal size in a line. */
  readonly columns: number
}

/** A character of a 203 dpi receipt is 12 dots wide: sizes in dots of a receipt are taken as such and grow with the grid. */
const receiptCellDots = 12
const lineHeightShare = 1.25
const smallWidthShare = 3 / 4
const smallHeightShare = 17 / 24
const tabCells = 8
/** Control characters of plain text that mean nothing on paper; line breaks, form feeds and tabs do. */
const strayControl = /[\x00-\x08\x0b\x0e-\x1f\x7f]/

/** What stands below what came before it. */
type Part =
  | { readonly kind: 'line'; readonly line: TextLine }
  | { readonly kind: 'picture'; readonly draw: () => Promise<Drawn> }
  | { readonly kind: 'space'; readonly rows: number }
  | { readonly kind: 'break' }

/** A picture in its place, with the text that belongs below it. */
interface Drawn {
  readonly bitmap: Bitmap
  readonly below?: TextLine
}

interface Style {
  bold?: boolean | undefined
  underline?: boolean | undefined
  invert?: boolean | undefined
  size?: number | undefined
  small?: boolean | undefined
}

/** The grid of one style, in dots and cells. */
interface Grid {
  readonly cellWidth: number
  readonly cellHeight: number
  readonly size: number
  readonly columns: number
}

export class ReceiptPicture {
  readonly #imaging: Imaging
  readonly #layout: PictureLayout
  /** Dots for one dot of a receipt. */
  readonly #scale: number
  readonly #cellWidth: number
  readonly #cellHeight: number
  /** No letters of the printer's own: everything is set on the grid by its standard width. */
  #table: CharTable | undefined

  constructor(imaging: Imaging, layout: PictureLayout) {
    this.#imaging = imaging
    this.#layout = layout
    this.#cellWidth = Math.max(1, Math.floor(layout.widthDots / layout.columns))
    this.#cellHeight = this.#cellWidth * 2
    this.#scale = this.#cellWidth / receiptCellDots
  }

  /**
   * The pages of one copy, each `widthDots` wide. A cut in a receipt ends a page, unless the payload's `cut` is false; pulses and
   * buzzers are passed over. Rejects with HubError `barcode_invalid`, `image_invalid`, `image_too_large`, `base64_invalid`,
   * `payload_unsupported`, `text_unprintable`, `receipt_too_long`, `params_invalid`, with the path of the field.
   */
  async draw(payload: PrintPayload, path = 'payload'): Promise<Bitmap[]> {
    if (payload.openDrawer === true) throw unsupported(`${path}.openDrawer`, 'it has no drawer')
    const pages = await this.#drawParts(this.#partsOf(payload, path))
    if (pages.length === 0) throw new HubError('params_invalid', { path, reason: 'has nothing to print' })
    if (pages.length > pictureLimits.pagesMax) throw tooLong(pictureLimits.pagesMax, 'pages')
    return pages
  }

  #partsOf(payload: PrintPayload, path: string): Part[] {
    const { receipt, text, image, cut } = payload
    if (receipt !== undefined) return this.#receipt(receipt, cut !== false, `${path}.receipt`)
    if (text !== undefined) return this.#plainText(text, `${path}.text`)
    if (image !== undefined) return [this.#picture(image, { align: 'center' }, `${path}.image`)]
    throw new HubError('params_invalid', { path, reason: 'has nothing to print' })
  }

  #receipt(receipt: Receipt, cuts: boolean, path: string): Part[] {
    return receipt.blocks.flatMap((block, index) => {
      if (block.type === 'cut') return cuts ? [{ kind: 'break' }] : []
      return this.#block(block, `${path}.blocks[${index}]`)
    })
  }

  #block(block: Exclude<Block, { type: 'cut' }>, path: string): Part[] {
    switch (block.type) {
      case 'text':
        return this.#text(block.text, block, block.align, `${path}.text`)
      case 'row':
        return this.#row(block, `${path}.columns`)
      case 'rule':
        return [{ kind: 'picture', draw: () => Promise.resolve({ bitmap: this.#rule(block.style) }) }]
      case 'barcode':
        return [this.#barcode(block, `${path}.data`)]
      case 'qr':
        return [this.#qr(block, `${path}.data`)]
      case 'pdf417':
        return [this.#pdf417(block, `${path}.data`)]
      case 'image':
        return [this.#picture(block.png, block, `${path}.png`)]
      case 'raster':
        return [this.#raster(block, `${path}.bits`)]
      case 'feed':
        return [{ kind: 'space', rows: (block.lines ?? 1) * this.#lineHeight(this.#cellHeight) }]
      case 'pulse':
      case 'buzzer':
        return []
    }
  }

  #plainText(text: string, path: string): Part[] {
    if (strayControl.test(text))
      throw new HubError('params_invalid', { path, reason: 'holds a control character' })
    const pages = text.replace(/\n$/, '').split('\f').map(withoutTabs)
    return pages.flatMap((page, index) => [
      ...(index === 0 ? [] : [{ kind: 'break' } as const]),
      ...this.#text(page, {}, 'left', path),
    ])
  }

  #text(text: string, style: Style, align: Align | undefined, path: string): Part[] {
    const grid = this.#grid(style)
    return this.#wrapped(text, grid.columns).map(({ text, cells }) => {
      const offset = placedAt(cells * grid.cellWidth * grid.size, this.#layout.widthDots, align)
      return this.#line([{ text, column: 0, ...looks(style) }], grid, offset, path)
    })
  }

  #wrapped(text: string, columns: number) {
    this.#table ??= new CharTable({ codePages: {}, kanji: 'none' })
    return linesOf(this.#table, text, columns, false)
  }

  #row(block: BlockOf<'row'>, path: string): Part[] {
    const grid = this.#grid(block)
    const places = placeColumns(block.columns, grid.columns, this.#layout.columns)
    if (places === undefined)
      throw unsupported(path, `the columns are wider than its ${grid.columns} characters a line`)
    const cells = block.columns.map(({ text }, index) => this.#wrapped(text, places[index]!.width))
    const height = Math.max(...cells.map((lines) => lines.length))
    return Array.from({ length: height }, (_, row) => {
      const runs = block.columns.flatMap(({ align, bold }, index) => {
        const line = cells[index]![row]
        if (line === undefined || line.text === '') return []
        const column = places[index]!.column + placedAt(line.cells, places[index]!.width, align)
        const look = looks(block)
        return [{ text: line.text, column, ...look, bold: look.bold || bold === true }]
      })
      return this.#line(runs, grid, 0, path)
    })
  }

  #grid(style: Style): Grid {
    const { size = 1, small = false } = style
    const cellWidth = small ? Math.floor(this.#cellWidth * smallWidthShare) : this.#cellWidth
    const cellHeight = small ? Math.round(this.#cellHeight * smallHeightShare) : this.#cellHeight
    const columns = small ? Math.floor(this.#layout.widthDots / Math.max(1, cellWidth)) : this.#layout.columns
    return { cellWidth, cellHeight, size, columns: Math.max(1, Math.floor(columns / size)) }
  }

  #line(runs: TextLine['runs'], grid: Grid, offset: number, path: string): Part {
    return { kind: 'line', line: this.#textLine(runs, grid, offset, path) }
  }

  #textLine(runs: TextLine['runs'], grid: Grid, offset: number, path: string): TextLine {
    const { cellWidth, cellHeight, size } = grid
    const { widthDots } = this.#layout
    const lineHeight = this.#lineHeight(cellHeight)
    return { runs, widthDots, cellWidth, cellHeight, lineHeight, size, offset, path }
  }

  #lineHeight(cellHeight: number): number {
    return Math.round(cellHeight * lineHeightShare)
  }

  #rule(style: BlockOf<'rule'>['style']): Bitmap {
    const { widthDots } = this.#layout
    const thick = Math.max(1, Math.round(2 * this.#scale))
    const bitmap = createBitmap(widthDots, this.#cellHeight)
    const middle = (this.#cellHeight - thick) >> 1
    if (style === 'dashed') {
      for (let x = 0; x < widthDots; x += 2 * this.#cellWidth)
        fillBlack(bitmap, x, middle, this.#cellWidth, thick)
    } else if (style === 'double') {
      fillBlack(bitmap, 0, middle - thick, widthDots, thick)
      fillBlack(bitmap, 0, middle + thick, widthDots, thick)
    } else fillBlack(bitmap, 0, middle, widthDots, thick)
    return bitmap
  }

  #barcode(block: BlockOf<'barcode'>, path: string): Part {
    const { symbology, align } = block
    const ready = prepareBarcode(symbology, block.data)
    if ('reason' in ready) throw new HubError('barcode_invalid', { path, symbology, reason: ready.reason })
    const module = this.#module(ready.modules, block.module ?? symbolDefaults.barcodeModule, symbology, path)
    const data = spelledOut(block, ready.data)
    const height = this.#dots(block.height ?? symbolDefaults.barcodeHeight)
    return {
      kind: 'picture',
      draw: async () => {
        const bars = await this.#imaging.drawBarcode({ symbology, data, module, height, path })
        const bitmap = this.#placed(bars, align)
        return block.text === false ? { bitmap } : { bitmap, below: this.#caption(data, bars, align, path) }
      },
    }
  }

  /** Text below the bars and in their middle, as a printer sets it. */
  #caption(text: string, bars: Bitmap, align: Align | undefined, path: string): TextLine {
    const { widthDots } = this.#layout
    const grid = this.#grid({})
    const width = text.length * grid.cellWidth
    const middle = placedAt(bars.width, widthDots, align) + ((bars.width - width) >> 1)
    const offset = Math.max(0, Math.min(middle, widthDots - width))
    return this.#textLine([{ text, column: 0 }], grid, offset, path)
  }

  #qr(block: BlockOf<'qr'>, path: string): Part {
    const errorCorrection = block.errorCorrection ?? 'M'
    const request = { symbology: 'qr', data: block.data, height: 0, errorCorrection, path } as const
    return this.#matrix(request, block.module ?? symbolDefaults.qrModule, block.align)
  }

  #pdf417(block: BlockOf<'pdf417'>, path: string): Part {
    const request = { symbology: 'pdf417', data: block.data, height: 0, path } as const
    return this.#matrix(request, block.module ?? symbolDefaults.pdf417Module, block.align)
  }

  /** A two-dimensional symbol with the white above and below that readers want. */
  #matrix(request: Omit<BarcodeRequest, 'module'>, module: number, align: Align | undefined): Part {
    const quiet = 2 * this.#dots(module)
    return {
      kind: 'picture',
      draw: async () => {
        const symbol = await this.#symbol(request, module)
        return { bitmap: pad(this.#placed(symbol, align), { top: quiet, bottom: quiet }) }
      },
    }
  }

  /** The symbol with the module wanted, or the largest with which it fits the paper. */
  async #symbol(request: Omit<BarcodeRequest, 'module'>, wanted: number): Promise<Bitmap> {
    const first = this.#dots(wanted)
    const drawn = await this.#imaging.drawBarcode({ ...request, module: first })
    if (drawn.width <= this.#layout.widthDots) return drawn
    const module = this.#module(drawn.width / first, wanted, request.symbology, request.path)
    return this.#imaging.drawBarcode({ ...request, module })
  }

  /** The module wanted, or the largest with which a symbol fits the paper. */
  #module(modules: number, wanted: number, symbology: string, path: string): number {
    const { widthDots } = this.#layout
    const first = this.#dots(wanted)
    const module = Math.min(first, Math.floor(widthDots / modules))
    if (module >= Math.min(first, symbolDefaults.moduleMin)) return module
    const reason = `it would be ${modules * symbolDefaults.moduleMin} dots wide; the paper has ${widthDots}`
    throw new HubError('barcode_invalid', { path, symbology, reason })
  }

  #picture(base64: string, block: Pick<BlockOf<'image'>, 'align' | 'width' | 'dither'>, path: string): Part {
    const { widthDots, heightDots } = this.#layout
    const bytes = decodeBase64(base64, path)
    const header = readImageHeader(bytes, path)
    let width = Math.min(widthDots, this.#dots(block.width ?? header.width))
    // A label's picture is made to fit the label, not cut in two.
    if (heightDots !== undefined && width * header.height > heightDots * header.width)
      width = Math.max(1, Math.floor((heightDots * header.width) / header.height))
    return {
      kind: 'picture',
      draw: async () => {
        const bitmap = await this.#imaging.dither(bytes, { widthDots, width, mode: block.dither, path })
        return { bitmap: this.#placed(bitmap, block.align) }
      },
    }
  }

  #raster(block: BlockOf<'raster'>, path: string): Part {
    const { heightDots, widthDots } = this.#layout
    let width = widthDots
    if (heightDots !== undefined && block.height > heightDots)
      width = Math.max(1, Math.floor((heightDots * block.width) / block.height))
    const ready = this.#imaging.raster(block, Math.min(width, widthDots), path)
    // Its turn comes later; until then its failure is nobody's.
    if (ready instanceof Promise) ready.catch(() => {})
    return { kind: 'picture', draw: async () => ({ bitmap: this.#placed(await ready, block.align) }) }
  }

  #placed(bitmap: Bitmap, align: Align | undefined): Bitmap {
    return pad(bitmap, { left: placedAt(bitmap.width, this.#layout.widthDots, align) })
  }

  /** Dots of a receipt on this paper. */
  #dots(receiptDots: number): number {
    return Math.max(1, Math.round(receiptDots * this.#scale))
  }

  async #drawParts(parts: readonly Part[]): Promise<Bitmap[]> {
    this.#checkText(parts)
    let bytes = 0
    const drawn = new Map<Part, Drawn>()
    // One after another: the worker takes a limited number of requests at a time.
    for (const part of parts) {
      if (part.kind !== 'picture') continue
      const picture = await part.draw()
      bytes += picture.bitmap.data.length
      if (bytes > pictureLimits.jobBytesMax) throw tooLong(pictureLimits.jobBytesMax, 'bytes as a picture')
      drawn.set(part, picture)
    }
    const lines = parts.flatMap((part) => (part.kind === 'line' ? [part.line] : belowOf(drawn.get(part))))
    const texts = lines.length === 0 ? [] : await this.#imaging.drawText(lines)
    const bitmapOf = new Map(lines.map((line, index) => [line, texts[index]!]))
    const pages: Bitmap[] = []
    let page: Bitmap[] = []
    let hasInk = false
    const endPage = () => {
      if (hasInk) pages.push(...this.#paginate(page))
      page = []
      hasInk = false
    }
    for (const part of parts) {
      if (part.kind === 'break') endPage()
      else if (part.kind === 'space') page.push(createBitmap(this.#layout.widthDots, part.rows))
      else {
        hasInk = true
        const { bitmap, below } = drawn.get(part) ?? {}
        if (part.kind === 'line') page.push(bitmapOf.get(part.line)!)
        else if (bitmap !== undefined)
          page.push(below === undefined ? bitmap : stack([bitmap, bitmapOf.get(below)!]))
      }
    }
    endPage()
    return pages
  }

  /** Refuses what would take too much memory before anything is drawn. */
  #checkText(parts: readonly Part[]): void {
    const rowBytes = (this.#layout.widthDots + 7) >> 3
    let [lines, rows] = [0, 0]
    for (const part of parts) {
      if (part.kind === 'space') rows += part.rows
      if (part.kind !== 'line') continue
      lines += 1
      rows += part.line.lineHeight * part.line.size
    }
    if (lines > textLimits.linesMax) throw tooLong(textLimits.linesMax, 'lines')
    if (rows * rowBytes > pictureLimits.jobBytesMax)
      throw tooLong(pictureLimits.jobBytesMax, 'bytes as a picture')
  }

  /** What stands together on pages of the paper's height; a part that is longer than a page is cut where the page ends. */
  #paginate(parts: readonly Bitmap[]): Bitmap[] {
    const { widthDots, heightDots } = this.#layout
    const paper = (bitmap: Bitmap): Bitmap => {
      if (bitmap.width === widthDots) return bitmap
      const whole = createBitmap(widthDots, bitmap.height)
      paste(whole, bitmap, 0, 0)
      return whole
    }
    if (heightDots === undefined) return [paper(stack(parts))]
    const pages: Bitmap[] = []
    let page: Bitmap[] = []
    let rows = 0
    const endPage = () => {
      if (rows > 0) pages.push(paper(stack(page)))
      page = []
      rows = 0
    }
    for (const part of parts) {
      if (rows + part.height > heightDots) endPage()
      for (let top = 0; top < part.height; top += heightDots) {
        if (top > 0) endPage()
        const piece = band(part, top, heightDots)
        page.push(piece)
        rows += piece.height
      }
    }
    endPage()
    return pages
  }
}

const belowOf = (drawn: Drawn | undefined): TextLine[] => (drawn?.below === undefined ? [] : [drawn.below])

/** Whether each look of the letters is on. */
function looks({ bold = false, underline = false, invert = false }: Style) {
  return { bold, underline, invert }
}

const fullNumber: ReadonlySet<string> = new Set(['ean13', 'ean8', 'upca'])

/** What is drawn and read below: numbers with the check digit that they may come without, six digits of a UPC-E with its 0. */
function spelledOut({ symbology, data }: BlockOf<'barcode'>, ready: Uint8Array): string {
  if (fullNumber.has(symbology)) return String.fromCharCode(...ready)
  return symbology === 'upce' && data.length === 6 ? `0${data}` : data
}

/** As `indentOf`, but what does not fit begins at the left. */
const placedAt = (size: number, room: number, align: Align | undefined): number =>
  Math.max(0, indentOf(size, room, align))

function withoutTabs(page: string): string {
  return page
    .split(/\r\n|\n|\r/)
    .map((line) => {
      const [first = '', ...others] = line.split('\t')
      return others.reduce(
        (all, part) => all.padEnd(all.length + tabCells - (all.length % tabCells)) + part,
        first,
      )
    })
    .join('\n')
}

const tooLong = (max: number, what: string): HubError => new HubError('receipt_too_long', { max, what })
