/** The few shapes that papers are made of. All of them keep their form on paper of 32 columns and more. */
import type { Block, Column } from '../../protocol/receipt.ts'

export const paperLimits = {
  /** The narrowest paper there is to be right on, in characters; large type is half as many. */
  columnsMin: 32,
  /** Characters of one note on paper. */
  noteCharsMax: 1_000,
  /** Lot and serial numbers of one line on paper; the rest is counted. */
  lotsMax: 40,
  /** Rows of one list, for what a session or a ticket may gather; the rest is counted. */
  rowsMax: 300,
  /** Characters of a tax mark behind an amount. */
  markCharsMax: 4,
  /** Characters of a reference that goes as a barcode on the narrowest paper. */
  barcodeCharsMax: 16,
} as const

const largeColumnsMin = paperLimits.columnsMin / 2
/** What a value beside a label leaves at least to the label. */
const labelColumnsMin = 8

type Align = 'left' | 'center' | 'right'

/** Text of one line that a receipt may hold: control characters become blanks. */
export function clean(text: string): string {
  return text
    .replace(/[\x00-\x1f\x7f\u2028\u2029]+/g, ' ')
    .replace(/[\u00a0\u202f]/g, ' ')
    .trim()
}

/** Text that may have lines of its own. */
export function cleanLines(text: string, charsMax: number = paperLimits.noteCharsMax): string {
  const lines = text
    .split(/\r\n|\r|\n/)
    .map(clean)
    .join('\n')
    .trim()
  return lines.length <= charsMax ? lines : `${wholeStart(lines, charsMax - 3)}...`
}

/** The first UTF-16 units of a text, never half a character. */
function wholeStart(text: string, units: number): string {
  return text.slice(0, units).replace(/[\ud800-\udbff]$/, '')
}

export function text(words: string, align: Align = 'left', bold = false): Block {
  return { type: 'text', text: words, align, ...(bold ? { bold } : {}) }
}

export function small(words: string, align: Align = 'left'): Block {
  return { type: 'text', text: words, align, small: true }
}

/** In large type where the longest word has room for it, else bold. */
export function large(words: string, align: Align = 'center'): Block {
  const longest = Math.max(...words.split(/\s/).map((word) => word.length))
  return longest <= largeColumnsMin
    ? { type: 'text', text: words, align, size: 2, bold: true }
    : text(words, align, true)
}

/** A mark that nobody overlooks: large, white on black. */
export function mark(words: string, align: Align = 'center'): Block {
  return { type: 'text', text: ` ${words} `, align, bold: true, invert: true, size: 2 }
}

export const gap: Block = { type: 'feed', lines: 1 }
export const rule: Block = { type: 'rule' }
export const doubleRule: Block = { type: 'rule', style: 'double' }

/** A label and a value; the value never wraps, unless it alone is too long for the paper: then it stands below. */
export function labelled(label: string, value: string, bold = false): Block[] {
  const style = bold ? { bold } : {}
  if (value.length > paperLimits.columnsMin - labelColumnsMin) {
    return [text(label, 'left', bold), text(value, 'right', bold)]
  }
  return [{ type: 'row', columns: [{ text: label, flex: 1 }, fixed(value)], ...style }]
}

/** The total: large in one line when it fits, else the label above the amount. */
export function largeLabelled(label: string, value: string): Block[] {
  // Fixed widths are given in characters of the normal size; one more for paper with an odd number of columns.
  const width = value.length * 2 + 1
  if (label.length + 1 + value.length < largeColumnsMin) {
    const columns: Column[] = [
      { text: label, flex: 1 },
      { text: value, width, align: 'right' },
    ]
    return [{ type: 'row', columns, size: 2, bold: true }]
  }
  const size = value.length <= largeColumnsMin ? { size: 2 } : {}
  return [text(label, 'left', true), { type: 'text', text: value, align: 'right', bold: true, ...size }]
}

/** Rows of a table: what is in the first column wraps, the others are as wide as their widest. */
export function table(head: readonly string[] | undefined, rows: readonly (readonly string[])[]): Block[] {
  const all = head === undefined ? rows : [head, ...rows]
  const tight = widthsOf(all)
  const wide = tight.map((width) => width + 1)
  const widths = roomOf(wide) >= labelColumnsMin ? wide : tight
  return all.map((row, index) => ({
    type: 'row',
    columns: row.map((cell, column) =>
      column === 0 ? { text: cell, flex: 1 } : { text: cell, width: widths[column]!, align: 'right' },
    ),
    ...(head !== undefined && index === 0 ? { bold: true } : {}),
  }))
}

/** Whether a table leaves its first column enough on the narrowest paper. */
export function tableFits(rows: readonly (readonly string[])[]): boolean {
  return roomOf(widthsOf(rows)) >= labelColumnsMin
}

/** What columns of these widths leave to the first one on the narrowest paper. */
function roomOf([, ...widths]: readonly number[]): number {
  return widths.reduce((room, width) => room - width - 1, paperLimits.columnsMin)
}

/** The widest text of each column. */
function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(0, ...rows.map(({ length }) => length))
  return Array.from({ length: columns }, (_, column) =>
    Math.max(1, ...rows.map((row) => row[column]?.length ?? 0)),
  )
}

export function fixed(value: string): Column {
  return { text: value, width: Math.max(1, value.length), align: 'right' }
}

/** The end of every paper. */
export const ending: readonly Block[] = [{ type: 'cut' }]

export function signature(label: string): Block[] {
  return [{ type: 'feed', lines: 3 }, rule, small(label)]
}
