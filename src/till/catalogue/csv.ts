/** Reads CSV as table programs write it: RFC 4180, with `;`, `,` or a tab, with or without BOM, and Excel's `sep=` line. */

export interface CsvRecord {
  /** As a table program counts it: the first line is 1; a line break within quotes begins no row. */
  row: number
  cells: string[]
  /** What is wrong with its quotes. */
  fault?: string
}

const delimiters = [';', ',', '\t'] as const

/** The records of the text, blank ones left out. */
export function* csvRecords(text: string): Generator<CsvRecord> {
  let at = text.startsWith('\uFEFF') ? 1 : 0
  let row = 1
  const told = /^sep=(.)(\r\n|\n|\r)/.exec(text.slice(at, at + 8))
  if (told !== null) {
    at += told[0].length
    row++
  }
  const delimiter = told?.[1] ?? delimiterOf(text, at)
  while (at < text.length) {
    const record = readRecord(text, at, delimiter)
    at = record.next
    if (record.cells.some((cell) => cell !== '')) {
      const { cells, fault } = record
      yield { row, cells, ...(fault !== undefined && { fault }) }
    }
    row++
  }
}

/** The one that is found most often in the first line, outside quotes. */
function delimiterOf(text: string, from: number): string {
  const counts = new Map<string, number>(delimiters.map((each) => [each, 0]))
  let quoted = false
  for (let at = from; at < text.length; at++) {
    const character = text[at] as string
    if (character === '"') quoted = !quoted
    else if (!quoted && (character === '\n' || character === '\r')) break
    else if (!quoted && counts.has(character)) counts.set(character, (counts.get(character) as number) + 1)
  }
  return delimiters.reduce((best, each) =>
    (counts.get(each) as number) > (counts.get(best) as number) ? each : best,
  )
}

interface ReadRecord {
  cells: string[]
  next: number
  fault?: string
}

function readRecord(text: string, from: number, delimiter: string): ReadRecord {
  const cells: string[] = []
  let fault: string | undefined
  let at = from
  for (;;) {
    let cell: string
    if (text[at] === '"') {
      const quoted = readQuoted(text, at)
      cell = quoted.cell
      at = quoted.next
      fault ??= quoted.fault
      const end = endOfPlain(text, at, delimiter)
      if (end > at && text.slice(at, end).trim() !== '') fault ??= 'there is text behind a closing quote'
      at = end
    } else {
      const end = endOfPlain(text, at, delimiter)
      cell = text.slice(at, end)
      at = end
    }
    cells.push(cell.trim())
    if (text[at] !== delimiter) break
    at++
  }
  if (text[at] === '\r') at++
  if (text[at] === '\n') at++
  return { cells, next: at, ...(fault !== undefined && { fault }) }
}

function endOfPlain(text: string, from: number, delimiter: string): number {
  let at = from
  for (; at < text.length; at++) {
    const character = text[at]
    if (character === delimiter || character === '\n' || character === '\r') break
  }
  return at
}

/** From the opening quote on. A quote within is written twice. */
function readQuoted(text: string, from: number): { cell: string; next: number; fault?: string } {
  let at = from + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return { cell: '', next: text.length, fault: 'a quote is opened and not closed' }
    if (text[quote + 1] !== '"') {
      return { cell: text.slice(from + 1, quote).replaceAll('""', '"'), next: quote + 1 }
    }
    at = quote + 2
  }
}
