/** Puts a document into the lines of a display of letters: what was bought last, and what it comes to. */
import type { DisplayShowPayload } from '../../../protocol/job.ts'
import type { Letters } from './letters.ts'

export interface Screen {
  columns: number
  rows: number
  letters: Letters
  /** Stands before a total that has no label of its own. */
  totalLabel: string
}

/**
 * The lines of a document, exactly `rows` of exactly `columns` characters of the display's code page; undefined when there is
 * nothing in it that letters can show (a QR code without a caption).
 */
export function linesOf(document: DisplayShowPayload, screen: Screen): string[] | undefined {
  const { lines, items = [], total, message, qr } = document
  if (lines !== undefined) return padded(lines, screen)
  const last = total === undefined ? [] : [row(total.label ?? screen.totalLabel, total.amount, screen)]
  const room = screen.rows - last.length
  const shown = room > 0 ? items.slice(-room) : []
  if (shown.length > 0) {
    const above = shown.map(({ text, quantity, amount = '' }) =>
      row(quantity === undefined || quantity === '1' ? text : `${quantity} x ${text}`, amount, screen),
    )
    // The total keeps the bottom line, the newest item the one above it.
    return [...blank(room - above.length, screen), ...above, ...last]
  }
  const words = message ?? (total === undefined ? qr?.caption : undefined)
  if (words === undefined && total === undefined)
    return items.length > 0 ? blank(screen.rows, screen) : undefined
  const above = words === undefined ? [] : wrapped(words, screen).slice(0, room)
  return [...padded(above, { ...screen, rows: room }), ...last]
}

/** Lines as given, cut at the right edge; missing ones are blank. */
export function padded(lines: readonly string[], { columns, rows, letters }: Screen): string[] {
  return Array.from({ length: rows }, (_, index) =>
    letters
      .spell(lines[index] ?? '')
      .slice(0, columns)
      .padEnd(columns),
  )
}

const blank = (count: number, { columns }: Screen): string[] =>
  Array.from({ length: Math.max(0, count) }, () => ' '.repeat(columns))

/** Text on the left, cut; the amount on the right, whole: a cut amount would be a wrong one. */
function row(text: string, amount: string, { columns, letters }: Screen): string {
  const right = letters.spell(amount)
  // What does not fit in a line at all is no amount any more.
  if (right.length > columns) return '*'.repeat(columns)
  const room = Math.max(0, right === '' ? columns : columns - right.length - 1)
  return (
    letters
      .spell(text)
      .slice(0, room)
      .padEnd(columns - right.length) + right
  )
}

function wrapped(text: string, { columns, letters }: Screen): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text
    .split(/\s+/)
    .map((part) => letters.spell(part))
    .filter((part) => part !== '')) {
    let rest = word
    if (line !== '' && line.length + 1 + rest.length <= columns) {
      line += ` ${rest}`
      continue
    }
    if (line !== '') lines.push(line)
    for (; rest.length > columns; rest = rest.slice(columns)) lines.push(rest.slice(0, columns))
    line = rest
  }
  if (line !== '') lines.push(line)
  return lines
}
