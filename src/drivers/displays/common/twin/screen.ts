/** The glass of a simulated display: cells, a cursor, and a picture of them. */

export interface Cells {
  readonly columns: number
  readonly rows: number
}

/** What the twin's parsers do to the glass. Every call with whatever numbers leaves the cursor on the glass. */
export class GlassScreen {
  readonly columns: number
  readonly rows: number
  readonly #cells: string[][]
  readonly #decoder: TextDecoder | undefined
  column = 0
  row = 0
  cursor = true
  /** 1 (dim) to 4. */
  brightness = 4
  /** How often everything was wiped at once; a careful driver never does after its greeting. */
  wipes = 0
  /** Rises with every change of a cell. */
  revision = 0

  /** `encoding`: a label of the Encoding Standard for bytes 80h and up; without one they show as they are in Latin 1. */
  constructor({ columns, rows }: Cells, encoding?: string) {
    this.columns = columns
    this.rows = rows
    this.#decoder = encoding === undefined ? undefined : new TextDecoder(encoding)
    this.#cells = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ' '))
  }

  get lines(): string[] {
    return this.#cells.map((row) => row.join(''))
  }

  /** Overwrite mode: the cursor goes on to the next line, and from the last to the first. */
  put(byte: number): void {
    const row = this.#cells[this.row] as string[]
    row[this.column] = this.#decoder?.decode(Uint8Array.of(byte)) ?? String.fromCharCode(byte)
    this.revision++
    this.moveTo(this.column + 1, this.row)
  }

  /** A line from its left edge; the rest of it goes dark. */
  putLine(row: number, bytes: readonly number[]): void {
    this.moveTo(0, row)
    for (let column = 0; column < this.columns; column++) this.put(bytes[column] ?? 0x20)
    this.moveTo(0, row)
  }

  /** Zero-based; beyond an edge it comes in at the other. */
  moveTo(column: number, row: number): void {
    const cell = row * this.columns + column
    const cells = this.columns * this.rows
    const wrapped = ((cell % cells) + cells) % cells
    this.row = Math.floor(wrapped / this.columns)
    this.column = wrapped % this.columns
  }

  wipe(): void {
    for (const row of this.#cells) row.fill(' ')
    this.wipes++
    this.revision++
    this.moveTo(0, 0)
  }

  wipeLine(): void {
    this.#cells[this.row]?.fill(' ')
    this.revision++
    this.moveTo(0, this.row)
  }

  svg(): string {
    const [cell, line, edge] = [26, 46, 24]
    const width = this.columns * cell + 2 * edge
    const height = this.rows * line + 2 * edge
    const text = this.#cells.flatMap((row, y) =>
      row.flatMap((character, x) =>
        character === ' '
          ? []
          : [
              `<text x="${edge + x * cell + cell / 2}" y="${edge + y * line + 34}">${escapeXml(character)}</text>`,
            ],
      ),
    )
    const opacity = 0.4 + 0.15 * this.brightness
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">` +
      `<rect width="${width}" height="${height}" rx="10" fill="#0d1412"/>` +
      `<g fill="#5ef2c2" opacity="${opacity.toFixed(2)}" font-family="monospace" font-size="34" text-anchor="middle">` +
      `${text.join('')}</g></svg>`
    )
  }
}

/** Characters that XML 1.0 forbids become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
}
