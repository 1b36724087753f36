/** A receipt's blocks as lines, symbols and pictures of one printer, everything checked before a byte can leave. */

import { HubError } from '../../../../protocol/errors.ts'
import type { Align, Block, BlockOf, Column } from '../../../../protocol/receipt.ts'
import { decodeBase64 } from '../../../imaging/base64.ts'
import type { Bitmap } from '../../../imaging/bitmap.ts'
import { type Imaging, imagingLimits } from '../../../imaging/imaging.ts'
import { prepareBarcode, shortUpcE } from './barcodes.ts'
import { type Emitter, lineDots, type Piece, plainStyle, type Style } from './emitter.ts'
import type { LayoutSettings, ReceiptLanguage } from './language.ts'
import { linesOf, type Place, placeColumns } from './layout.ts'
import { pdf417Level, qrModules } from './symbols.ts'

export const symbolDefaults = {
  /** Dots of the narrowest bar, and bars' height. */
  barcodeModule: 2,
  barcodeHeight: 80,
  qrModule: 6,
  pdf417Module: 3,
  /** No symbol is made narrower than this to fit: at 203 dpi two dots are a quarter of a millimetre. */
  moduleMin: 2,
} as const

/** Height of a usual PDF417: 30 rows, each three modules of three dots. */
const pdf417Dots = 270

const utf8 = new TextEncoder()

export class ReceiptEncoder {
  readonly #settings: LayoutSettings
  readonly #language: ReceiptLanguage
  readonly #imaging: Imaging
  readonly #emitter: Emitter
  #lastPlaces: { columns: readonly Column[]; lineCells: number; places: Place[] } | undefined
  /** Pictures of this job by what they are made of: a sheet of vouchers has the same logo many times. */
  readonly #pictures = new Map<string, Bitmap | Promise<Bitmap>>()
  #budget = { left: 0 }
  readonly #rules: Readonly<Record<'single' | 'double' | 'dashed', string>>

  constructor(settings: LayoutSettings, language: ReceiptLanguage, imaging: Imaging, emitter: Emitter) {
    this.#settings = settings
    this.#language = language
    this.#imaging = imaging
    this.#emitter = emitter
    const { columnsA } = settings
    const drawn = (line: string, otherwise: string) =>
      (emitter.table.isPlain(line) ? line : otherwise).repeat(columnsA)
    this.#rules = {
      single: drawn('─', '-'),
      double: drawn('═', '='),
      dashed: '- '.repeat(columnsA).slice(0, columnsA),
    }
  }

  /** Forgets the pictures of the job before. */
  begin(): void {
    this.#pictures.clear()
    this.#budget = { left: imagingLimits.jobPixelsMax }
  }

  /** Writes one block. `path` is the receipt's; `index` the block's place in it. */
  block(block: Block, path: string, index: number): void {
    const emitter = this.#emitter
    switch (block.type) {
      case 'text':
        this.text(block.text, styleOf(block), block.align ?? 'left', path, index)
        break
      case 'row':
        this.#row(block, path, index)
        break
      case 'rule':
        this.text(this.#rules[block.style ?? 'single'], plainStyle, 'left', at(path, index))
        break
      case 'barcode':
        this.#barcode(block, at(path, index, 'data'))
        break
      case 'qr':
        this.#qr(block, at(path, index, 'data'))
        break
      case 'pdf417':
        this.#pdf417(block, at(path, index, 'data'))
        break
      case 'image':
        this.#image(block, at(path, index, 'png'))
        break
      case 'raster':
        this.#raster(block, at(path, index, 'bits'))
        break
      case 'feed':
        emitter.feed(block.lines ?? 1)
        break
      case 'cut':
        emitter.cut(block.partial)
        break
      case 'pulse':
        this.pulse(block.drawer ?? 1, at(path, index))
        break
      case 'buzzer':
        emitter.beep(block.times ?? 1)
        break
    }
  }

  /** Text in one style, wrapped. `index` undefined: `path` is the text's own. */
  text(text: string, style: Style, align: Align, path: string, index?: number): void {
    const emitter = this.#emitter
    const columns = emitter.columns(style)
    if (text.length <= columns) {
      emitter.style(style)
      emitter.align(align)
      if (emitter.tryLine(text)) return
    }
    const where = index === undefined ? path : at(path, index, 'text')
    for (const line of linesOf(emitter.table, text, columns, style.small)) {
      const piece: Piece = { line, column: 0, width: line.cells, align: 'left', bold: false }
      emitter.line([piece], style, align, where)
    }
  }

  #row(block: BlockOf<'row'>, path: string, index: number): void {
    const emitter = this.#emitter
    const { columns } = block
    const style = styleOf(block)
    const places = this.#placesFor(columns, style, path, index)
    emitter.style(style)
    emitter.align('left')
    if (emitter.tryRow(columns, places, style)) return
    const cells = columns.map(({ text }, at) => linesOf(emitter.table, text, places[at]!.width, style.small))
    const height = Math.max(...cells.map((lines) => lines.length))
    for (let row = 0; row < height; row++) {
      const pieces: Piece[] = []
      for (const [column, { align, bold }] of columns.entries()) {
        const line = cells[column]![row]
        if (line !== undefined) pieces.push({ line, ...places[column]!, align, bold: bold === true })
      }
      emitter.line(pieces, style, 'left', at(path, index, 'columns'))
    }
  }

  /** Places of the columns; those of the row before when its columns were alike, as the rows of a table are. */
  #placesFor(columns: readonly Column[], style: Style, path: string, index: number): Place[] {
    const lineCells = this.#emitter.columns(style)
    const last = this.#lastPlaces
    if (last !== undefined && last.lineCells === lineCells && alike(last.columns, columns)) return last.places
    const places = placeColumns(columns, lineCells, this.#settings.columnsA)
    if (places === undefined) {
      const reason = `the columns are wider than its ${lineCells} characters a line`
      throw unsupported(at(path, index, 'columns'), reason)
    }
    this.#lastPlaces = { columns, lineCells, places }
    return places
  }

  #barcode(block: BlockOf<'barcode'>, path: string): void {
    const { symbology } = block
    const ready = prepareBarcode(symbology, block.data)
    if ('reason' in ready) throw new HubError('barcode_invalid', { path, symbology, reason: ready.reason })
    const module = this.#module(ready.modules, block.module ?? symbolDefaults.barcodeModule, path, symbology)
    const emitter = this.#emitter
    const align = block.align ?? 'left'
    const { height = symbolDefaults.barcodeHeight, text = true } = block
    const { system, data } = ready
    emitter.align(align)
    if (this.#language.barcode(emitter.out, { block, system, data, height, module, text })) {
      emitter.paperDots += height + lineDots
      return
    }
    // A UPC-E is drawn from its short form only.
    const plain = symbology === 'upce' ? shortUpcE(String.fromCharCode(...data)) : block.data
    emitter.picture(this.#imaging.drawBarcode({ symbology, data: plain, module, height, path }), align)
    if (text) this.text(block.data, plainStyle, align, path)
  }

  #qr(block: BlockOf<'qr'>, path: string): void {
    const { data } = block
    const level = block.errorCorrection ?? 'M'
    const bytes = utf8.encode(data)
    const modules = qrModules(data, bytes.length, level)
    if (modules === undefined) {
      const reason = `${bytes.length} bytes are too many at error correction ${level}`
      throw new HubError('barcode_invalid', { path, symbology: 'qr', reason })
    }
    const module = this.#module(modules, block.module ?? symbolDefaults.qrModule, path, 'qr')
    const emitter = this.#emitter
    const align = block.align ?? 'left'
    if (this.#settings.nativeQr) {
      emitter.align(align)
      this.#language.qr(emitter.out, bytes, module, level)
      emitter.paperDots += modules * module
      return
    }
    const request = { symbology: 'qr', data, module, height: 0, errorCorrection: level, path } as const
    emitter.picture(this.#imaging.drawBarcode(request), align)
  }

  #pdf417(block: BlockOf<'pdf417'>, path: string): void {
    const { data } = block
    const bytes = utf8.encode(data)
    const wanted = block.module ?? symbolDefaults.pdf417Module
    let module = wanted
    let level = pdf417Level(data, bytes.length, module, this.#settings.widthDots)
    while (level === undefined && module > symbolDefaults.moduleMin) {
      module -= 1
      level = pdf417Level(data, bytes.length, module, this.#settings.widthDots)
    }
    if (level === undefined) {
      const reason = `${bytes.length} bytes are too many for paper of ${this.#settings.widthDots} dots`
      throw new HubError('barcode_invalid', { path, symbology: 'pdf417', reason })
    }
    const emitter = this.#emitter
    const align = block.align ?? 'left'
    if (this.#settings.nativePdf417) {
      emitter.align(align)
      this.#language.pdf417(emitter.out, bytes, module, level)
      emitter.paperDots += pdf417Dots
      return
    }
    const request = {
      symbology: 'pdf417',
      data,
      module,
      height: 0,
      errorCorrection: String(level),
      path,
    } as const
    emitter.picture(this.#imaging.drawBarcode(request), align)
  }

  /** The module wanted, or the largest that lets the symbol fit the paper. Throws when two dots are too many. */
  #module(modules: number, wanted: number, path: string, symbology: string): number {
    const { widthDots } = this.#settings
    const module = Math.min(wanted, Math.floor(widthDots / modules))
    if (module < Math.min(wanted, symbolDefaults.moduleMin)) {
      const reason = `it would be ${modules * symbolDefaults.moduleMin} dots wide; the paper has ${widthDots}`
      throw new HubError('barcode_invalid', { path, symbology, reason })
    }
    return module
  }

  #image(block: BlockOf<'image'>, path: string): void {
    const { widthDots } = this.#settings
    const { png, width, dither: mode } = block
    const key = `${width} ${mode} ${png}`
    let bitmap = this.#pictures.get(key)
    if (bitmap === undefined) {
      const bytes = decodeBase64(png, path)
      bitmap = this.#imaging.dither(bytes, { widthDots, width, mode, path }, this.#budget)
      this.#pictures.set(key, bitmap)
    }
    this.#emitter.picture(bitmap, block.align ?? 'left')
  }

  #raster(block: BlockOf<'raster'>, path: string): void {
    this.#emitter.picture(
      this.#imaging.raster(block, this.#settings.widthDots, path, this.#budget),
      block.align ?? 'left',
    )
  }

  /** Throws `payload_unsupported` when the printer has no drawer. */
  pulse(drawer: number, path: string): void {
    if (!this.#settings.drawer) throw unsupported(path, 'it has no drawer')
    this.#emitter.pulse(drawer === 2 ? 2 : 1)
  }
}

/** Whether columns get the same places. */
function alike(some: readonly Column[], others: readonly Column[]): boolean {
  if (some.length !== others.length) return false
  for (let index = 0; index < some.length; index++) {
    if (some[index]!.width !== others[index]!.width || some[index]!.flex !== others[index]!.flex) return false
  }
  return true
}

/** Equal styles are the same object, which is what makes comparing them quick. */
function styleOf(block: {
  bold?: boolean | undefined
  underline?: boolean | undefined
  invert?: boolean | undefined
  size?: number | undefined
  small?: boolean | undefined
}): Style {
  const { bold = false, underline = false, invert = false, size = 1, small = false } = block
  if (!bold && !underline && !invert && size === 1 && !small) return plainStyle
  return { bold, underline, invert, size, small }
}

function at(path: string, index: number, field?: string): string {
  return field === undefined ? `${path}.blocks[${index}]` : `${path}.blocks[${index}].${field}`
}

export function unsupported(path: string, reason: string): HubError {
  return new HubError('payload_unsupported', { path, device: 'this printer', reason })
}
