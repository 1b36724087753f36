/** Text in lines of a printer's width: wrapping by words, rows of columns, and which lines have to be drawn. */

import type { Align, Column } from '../../../../protocol/receipt.ts'
import { hasRightToLeft, visualOrder } from '../../../imaging/bidi.ts'
import type { Cluster } from '../../../imaging/cells.ts'
import { type CharTable, cleaned } from './segment.ts'

/** One line of text, or of one column of a row. */
export interface Line {
  /** In reading order. */
  readonly text: string
  readonly cells: number
  /** Characters that the printer cannot spell, so that the line has to be drawn; none otherwise. */
  readonly drawn: readonly string[]
  /** Characters that take two cells here and one elsewhere. */
  readonly wide: string
  /** False when the text is written as it stands; true when it goes from right to left somewhere. */
  readonly mixed: boolean
}

/** Breaks text at line breaks and to `columns` cells. An empty text is one empty line. */
export function linesOf(table: CharTable, text: string, columns: number, small: boolean): Line[] {
  const lines: Line[] = []
  for (const paragraph of text.split(/\r\n|\n|\r/)) wrap(table, paragraph, columns, small, lines)
  return lines
}

function wrap(table: CharTable, raw: string, columns: number, small: boolean, lines: Line[]): void {
  let text = raw
  if (!table.isPlain(text)) {
    text = cleaned(raw)
    if (!table.isPlain(text)) {
      wrapClusters(table, table.clusters(text), columns, small, lines)
      return
    }
  }
  if (text.length <= columns) {
    lines.push(plainLine(text))
    return
  }
  wrapPlain(text, columns, lines)
}

/** What `breaks` does, for text of one cell a character: long lists are nearly all of this kind. */
function wrapPlain(text: string, columns: number, lines: Line[]): void {
  let start = 0
  while (text.length - start > columns) {
    // With the one behind the line: a space there is dropped.
    const space = text.slice(start, start + columns + 1).lastIndexOf(' ')
    const length = space > 0 ? space : columns
    lines.push(plainLine(text.slice(start, start + length)))
    start += space > 0 ? length + 1 : length
  }
  if (start < text.length) lines.push(plainLine(text.slice(start)))
}

function plainLine(text: string): Line {
  return { text, cells: text.length, drawn: [], wide: '', mixed: false }
}

function wrapClusters(
  table: CharTable,
  clusters: readonly Cluster[],
  columns: number,
  small: boolean,
  lines: Line[],
): void {
  for (const [start, end] of breaks(clusters, columns)) {
    const own = clusters.slice(start, end)
    const text = own.map((cluster) => cluster.text).join('')
    lines.push({
      text,
      cells: cellsOf(own),
      drawn: own.filter((cluster) => !table.spells(cluster.text, small)).map((cluster) => cluster.text),
      wide: own
        .filter((cluster) => table.isWiderHere(cluster))
        .map((cluster) => cluster.text)
        .join(''),
      mixed: hasRightToLeft(text),
    })
  }
}

function cellsOf(clusters: readonly Cluster[]): number {
  return clusters.reduce((sum, { cells }) => sum + cells, 0)
}

/**
 * Start and end of each line. A line breaks at a space, which is dropped, or beside a wide character; a word longer than a
 * line is cut. Spaces at the beginning of the text stay.
 */
function breaks(units: readonly Cluster[], columns: number): [number, number][] {
  const lines: [number, number][] = []
  let start = 0
  let cells = 0
  // Where the line would end and the next begin, if the next unit did not fit any more.
  let lineEnd = -1
  let nextStart = -1
  for (let at = 0; at < units.length; at++) {
    const unit = units[at]!
    if (unit.text === ' ' && cells + 1 > columns) {
      // A space that does not fit ends the line and is dropped.
      lines.push([start, at])
      start = at + 1
      cells = 0
      lineEnd = -1
      continue
    }
    if (at > start && (unit.cells === 2 || units[at - 1]!.cells === 2) && unit.text !== ' ') {
      lineEnd = at
      nextStart = at
    }
    if (cells + unit.cells > columns && at > start) {
      const [end, next] = lineEnd > start ? [lineEnd, nextStart] : [at, at]
      lines.push([start, end])
      start = next
      lineEnd = -1
      at = next - 1
      cells = 0
      continue
    }
    cells += unit.cells
    if (unit.text === ' ') {
      lineEnd = at
      nextStart = at + 1
    }
  }
  if (start < units.length || lines.length === 0) lines.push([start, units.length])
  return lines
}

/** What a line shows from left to right. */
export function visualText(table: CharTable, line: Line): string {
  if (!line.mixed) return line.text
  const units = table.clusters(line.text).map((cluster) => cluster.text)
  return visualOrder(units)
    .map((placed) => placed.text)
    .join('')
}

/** Cells before a text of `cells` in a space of `width`. */
export function indentOf(cells: number, width: number, align: Align | undefined): number {
  if (align === undefined || align === 'left') return 0
  return align === 'right' ? width - cells : (width - cells) >> 1
}

export interface Place {
  readonly column: number
  readonly width: number
}

/**
 * Where the columns of a row are, in cells of its style. `normalColumns`: cells of a line of the normal font, in which
 * fixed widths are given. One cell stays free between columns when there is room for it. undefined: they do not fit.
 */
export function placeColumns(
  columns: readonly Column[],
  lineCells: number,
  normalColumns: number,
): Place[] | undefined {
  if (columns.length > lineCells) return undefined
  const widths = columns.map((column) => {
    if (column.width === undefined) return 0
    return Math.max(1, Math.floor((column.width * lineCells) / normalColumns))
  })
  const fixed = widths.reduce((sum, width) => sum + width, 0)
  const flexible = columns.filter((column) => column.width === undefined)
  if (fixed + flexible.length > lineCells) return undefined
  const gaps = columns.length - 1
  const gap = fixed + gaps + flexible.length <= lineCells ? 1 : 0
  shareOut(columns, widths, lineCells - fixed - gap * gaps)
  let column = 0
  return widths.map((width) => {
    const place = { column, width }
    column += width + gap
    return place
  })
}

/** Gives the free cells to the columns without a width by their flex, each at least one, remainders to the first. */
function shareOut(columns: readonly Column[], widths: number[], free: number): void {
  let flexLeft = columns.reduce(
    (sum, column) => sum + (column.width === undefined ? (column.flex ?? 1) : 0),
    0,
  )
  let columnsLeft = columns.filter((column) => column.width === undefined).length
  let left = free
  for (const [index, column] of columns.entries()) {
    if (column.width !== undefined) continue
    const flex = column.flex ?? 1
    const share = Math.round((left * flex) / flexLeft)
    widths[index] = Math.max(1, Math.min(share, left - (columnsLeft - 1)))
    left -= widths[index]!
    flexLeft -= flex
    columnsLeft -= 1
  }
}
