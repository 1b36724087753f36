/** Writes a receipt's lines as commands, sending a style only when it differs from what the printer has already. */

import type { Align, Column } from '../../../../protocol/receipt.ts'
import { alignOnPaper, type Bitmap, bands, trimRight } from '../../../imaging/bitmap.ts'
import type { TextLine, TextRun } from '../../../imaging/text.ts'
import { Bytes } from './bytes.ts'
import type { LayoutSettings, ReceiptLanguage } from './language.ts'
import { indentOf, type Line, type Place, visualText } from './layout.ts'
import { CharTable, TextWriter } from './segment.ts'

export interface Style {
  readonly bold: boolean
  readonly underline: boolean
  readonly invert: boolean
  /** 1 to 4. */
  readonly size: number
  readonly small: boolean
}

export const plainStyle: Style = { bold: false, underline: false, invert: false, size: 1, small: false }

/** Something that comes between the bytes at `at`: known later, or not in every copy. */
export type Gap =
  | { readonly at: number; readonly kind: 'drawn'; readonly line: TextLine }
  | { readonly at: number; readonly kind: 'bitmap'; readonly bitmap: Promise<Bitmap>; readonly align: Align }
  | { readonly at: number; readonly kind: 'pulse'; readonly drawer: 1 | 2 }

/** One piece of a line: its text, where it begins and how wide its space is. */
export interface Piece {
  readonly line: Line
  readonly column: number
  readonly width: number
  readonly align: Align | undefined
  readonly bold: boolean
}

/** The part of a raster line below the characters, as a share of their height. */
const lineHeightShare = 1.25

/** Dots from one line of the printer's own to the next at size 1. */
export const lineDots = 30

/** Font B is 17 dots high where font A has 24. */
const smallHeightShare = 17 / 24

export class Emitter {
  readonly table: CharTable
  readonly out = new Bytes()
  /** In the order of their places. */
  gaps: Gap[] = []
  /** Characters that had to be drawn. */
  substituted = new Set<string>()
  cuts = 0
  /** Rows of dots that the paper moves, near enough to tell how long it takes. */
  paperDots = 0
  readonly #settings: LayoutSettings
  readonly #language: ReceiptLanguage
  readonly #text: TextWriter
  #style = plainStyle
  #align: Align = 'left'

  constructor(settings: LayoutSettings, language: ReceiptLanguage) {
    this.#settings = settings
    this.#language = language
    this.table = new CharTable(settings)
    this.#text = new TextWriter(this.table, this.out, language)
  }

  /** Begins a copy: everything is reset, whatever a job before has left behind. */
  begin(): void {
    this.beginRaw()
    this.#style = plainStyle
    this.#align = 'left'
    this.#text.reset()
    this.#language.begin(this.out)
  }

  /** Begins a copy of bytes that another program made: nothing of ours comes before them. */
  beginRaw(): void {
    this.out.clear()
    this.gaps = []
    this.substituted = new Set()
    this.cuts = 0
    this.paperDots = 0
    // Pictures among the bytes are not aligned: whoever made the bytes has done that.
    this.#align = 'left'
  }

  /** Ends a copy in the plainest state, for jobs of other programs that do not reset. */
  end(): void {
    this.style(plainStyle)
    this.align('left')
  }

  /** Cells of a line in this style. */
  columns(style: Style): number {
    const { columnsA, columnsB } = this.#settings
    return Math.floor((style.small ? columnsB : columnsA) / style.size)
  }

  style(style: Style): void {
    const now = this.#style
    if (now === style) return
    const { out } = this
    const language = this.#language
    if (style.small !== now.small) language.smallFont(out, style.small)
    if (style.size !== now.size) language.size(out, style.size)
    if (style.bold !== now.bold) language.bold(out, style.bold)
    if (style.invert !== now.invert) language.invert(out, style.invert)
    if (style.underline !== now.underline) {
      language.underline(out, style.underline, this.table.kanji !== undefined)
    }
    this.#style = style
  }

  align(align: Align): void {
    if (align === this.#align) return
    this.#language.align(this.out, align)
    this.#align = align
  }

  /** A line of plain characters; false, and nothing written, when one of them is not. */
  tryLine(text: string): boolean {
    if (this.#settings.textDrawn === true || !this.#text.tryWrite(text)) return false
    this.#endLine()
    return true
  }

  /**
   * A row of one line, of plain characters that fit their places. False when it is not that easy; then nothing was
   * written.
   */
  tryRow(columns: readonly Column[], places: readonly Place[], style: Style): boolean {
    if (this.#settings.textDrawn === true) return false
    for (let index = 0; index < columns.length; index++) {
      if (columns[index]!.text.length > places[index]!.width) return false
    }
    const { out } = this
    const { length } = out
    const { row } = this.#text
    let cell = 0
    for (let index = 0; index < columns.length; index++) {
      const { text, align, bold } = columns[index]!
      const { column, width } = places[index]!
      const start = column + indentOf(text.length, width, align)
      this.spaces(start - cell)
      const heavier = bold === true && !style.bold
      if (heavier) this.#language.bold(out, true)
      if (!this.#text.tryWrite(text)) {
        out.length = length
        this.#text.rewind(row)
        return false
      }
      if (heavier) this.#language.bold(out, false)
      cell = start + text.length
    }
    this.#endLine()
    return true
  }

  spaces(count: number): void {
    if (count > 0) this.out.repeat(0x20, count)
  }

  /** A line made of pieces, printed by the printer when it can spell them all and drawn as a whole otherwise. */
  line(pieces: readonly Piece[], style: Style, align: Align, path: string): void {
    if (this.#settings.textDrawn === true || pieces.some((piece) => piece.line.drawn.length > 0)) {
      this.#drawnLine(pieces, style, align, path)
      return
    }
    this.style(style)
    this.align(align)
    let cell = 0
    for (const piece of pieces) {
      if (piece.line.text === '') continue
      const start = piece.column + Math.max(0, indentOf(piece.line.cells, piece.width, piece.align))
      this.spaces(start - cell)
      if (piece.bold && !style.bold) this.style({ ...style, bold: true })
      this.#text.write(visualText(this.table, piece.line))
      this.style(style)
      cell = start + piece.line.cells
    }
    this.#endLine()
  }

  #endLine(): void {
    this.out.put1(0x0a)
    this.paperDots += lineDots * this.#style.size
  }

  #drawnLine(pieces: readonly Piece[], style: Style, align: Align, path: string): void {
    const { widthDots, cellHeightDots } = this.#settings
    const { bold, underline, invert, size } = style
    const columns = style.small ? this.#settings.columnsB : this.#settings.columnsA
    const cellWidth = Math.floor(widthDots / columns)
    const cellHeight = Math.round(cellHeightDots * (style.small ? smallHeightShare : 1))
    const runs: TextRun[] = pieces.map(({ line, column, width, align: where, bold: own }) => ({
      text: line.text,
      column: column + Math.max(0, indentOf(line.cells, width, where)),
      bold: bold || own,
      underline,
      invert,
    }))
    const cells = pieces.reduce(
      (end, { column, width, line }) => Math.max(end, column + Math.max(width, line.cells)),
      0,
    )
    const line: TextLine = {
      runs,
      widthDots,
      cellWidth,
      cellHeight,
      lineHeight: Math.round(cellHeight * lineHeightShare),
      size,
      offset: Math.max(0, indentOf(cells * cellWidth * size, widthDots, align)),
      wide: pieces.map((piece) => piece.line.wide).join(''),
      path,
    }
    for (const piece of pieces) for (const char of piece.line.drawn) this.substituted.add(char)
    // A raster is placed by itself, so that it comes out the same on printers that do and do not align rasters.
    this.align('left')
    this.gaps.push({ at: this.out.length, kind: 'drawn', line })
  }

  /** A picture, now or when it is ready. */
  picture(bitmap: Bitmap | Promise<Bitmap>, align: Align): void {
    this.align('left')
    if (bitmap instanceof Promise) this.gaps.push({ at: this.out.length, kind: 'bitmap', bitmap, align })
    else this.bitmap(bitmap, align, this.out)
  }

  /** Rows of dots in bands that the printer's buffer holds. */
  bitmap(bitmap: Bitmap, align: Align, out: Bytes): void {
    const { widthDots, imageBandRows } = this.#settings
    const placed = trimRight(alignOnPaper(bitmap, widthDots, align))
    for (const part of bands(placed, imageBandRows)) this.#language.picture(out, part)
  }

  feed(lines: number): void {
    if (lines > 0) this.#language.feed(this.out, lines)
    this.paperDots += lineDots * lines
  }

  /** Feeds past the blade and cuts; a printer without a cutter only feeds. */
  cut(partial: boolean | undefined): void {
    const { cut, cutFeedLines } = this.#settings
    this.feed(cutFeedLines)
    if (cut === 'none') return
    this.#language.cut(this.out, partial ?? cut === 'partial')
    this.cuts += 1
  }

  pulse(drawer: 1 | 2): void {
    this.gaps.push({ at: this.out.length, kind: 'pulse', drawer })
  }

  beep(times: number): void {
    this.#language.beep(this.out, times)
  }
}
