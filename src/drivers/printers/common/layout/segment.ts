/**
 * Which code page spells which character on one printer, and text as bytes with as few page changes as possible. The
 * lookup is worked out once a printer: a character costs two array reads.
 */
import { hasRightToLeft, isArabic } from '../../../imaging/bidi.ts'
import { type Cluster, clustersOf, isWide, withoutInvisible } from '../../../imaging/cells.ts'
import type { Bytes } from './bytes.ts'
import { type CodePageName, codePageTable, shiftJisTable } from './code-pages.ts'
import type { LayoutSettings, ReceiptLanguage } from './language.ts'

/** Characters that look the same as an ASCII one on paper, with the one they are printed as. */
const lookalikes: ReadonlyArray<readonly [ascii: string, characters: string]> = [
  [' ', '\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f'],
  ['-', '\u2010\u2011\u2212'],
]

/** Set on the index of a character that a page has but that needs more than to be looked up: right to left, or a mark. */
const needsCare = 0x8000

/** Pages that fit the two words of a mask. */
const pagesMax = 63

/** Thai pages are kept for printers that set marks above their letter by themselves (°: as their makers describe it). */
const pagesWithMarks: ReadonlySet<CodePageName> = new Set(['cp874'])

const anyMark = /^\p{M}$/u

export class CharTable {
  /** The printer's number of each row's page; row 0 is the state after a reset, when no page may be relied on. */
  readonly pageNumbers: readonly number[]
  /** By UTF-16 unit: column in `bytes`, with `needsCare`; 0 for a character that no page has. */
  readonly index: Uint16Array
  /** Row after row of `columns` bytes; 0 where a page lacks the character. */
  readonly bytes: Uint8Array
  readonly columns: number
  /** By column: bit n of the two words is set when row n + 1 has the character. */
  readonly #masks: Uint32Array
  /** By UTF-16 unit: the Shift-JIS code, 0 for none; undefined when the printer has no such characters. */
  readonly kanji: Uint16Array | undefined

  constructor(settings: Pick<LayoutSettings, 'codePages' | 'kanji'>) {
    const pages = Object.entries(settings.codePages).slice(0, pagesMax) as [CodePageName, number][]
    this.pageNumbers = [-1, ...pages.map(([, number]) => number)]
    this.index = new Uint16Array(0x1_0000)
    this.kanji = settings.kanji === 'shift-jis' ? shiftJisTable() : undefined
    const tables = pages.map(([name]) => usableTable(name))
    let columns = 1
    const add = (code: number) => {
      if (this.index[code] !== 0) return
      const char = String.fromCharCode(code)
      this.index[code] = columns++ | (hasRightToLeft(char) || anyMark.test(char) ? needsCare : 0)
    }
    for (const [, characters] of lookalikes) for (const char of characters) add(char.charCodeAt(0))
    for (const table of tables) for (const code of table) if (code !== 0) add(code)

    this.columns = columns
    this.bytes = new Uint8Array(columns * this.pageNumbers.length)
    this.#masks = new Uint32Array(columns * 2)
    for (const [page, table] of tables.entries()) {
      for (const [offset, code] of table.entries()) if (code !== 0) this.#spell(code, page + 1, 128 + offset)
    }
    for (const [ascii, characters] of lookalikes) {
      for (const char of characters) {
        for (let row = 0; row < this.pageNumbers.length; row++) {
          this.#spell(char.charCodeAt(0), row, ascii.charCodeAt(0))
        }
      }
    }
  }

  #spell(code: number, row: number, byte: number): void {
    const column = this.index[code]! & ~needsCare
    this.bytes[row * this.columns + column] = byte
    if (row > 0) this.#masks[column * 2 + ((row - 1) >> 5)]! |= 1 << ((row - 1) & 31)
  }

  /** Whether each of the characters is ASCII or on a page, one cell wide and set from left to right. */
  isPlain(text: string): boolean {
    const { index } = this
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if ((code - 0x20) >>> 0 < 0x5f) continue
      // 0 becomes a large number, so one comparison finds what is missing and what needs care.
      if ((index[code]! - 1) >>> 0 >= needsCare - 1) return false
    }
    return true
  }

  /** Whether the printer spells a character with its marks, by a page or as a two-byte character. */
  spells(cluster: string, small: boolean): boolean {
    for (let at = 0; at < cluster.length; at++) {
      const code = cluster.charCodeAt(at)
      if ((code >= 0x20 && code < 0x7f) || this.index[code] !== 0) continue
      // Two-byte characters are as wide as two of font A; among the small ones of font B they would break the grid.
      if (small || this.kanji === undefined || this.kanji[code] === 0) return false
    }
    return true
  }

  /** Characters of cleaned text with the cells that they take on this printer. */
  clusters(text: string): Cluster[] {
    const clusters = clustersOf(text)
    for (const cluster of clusters) if (this.isTwoByte(cluster.text)) cluster.cells = 2
    return clusters
  }

  /** Whether a character is set as a two-byte one. */
  isTwoByte(cluster: string): boolean {
    const code = cluster.charCodeAt(0)
    return this.kanji !== undefined && code >= 0x80 && this.index[code] === 0 && this.kanji[code] !== 0
  }

  /** Whether the standard gives a character one cell where this printer takes two (→ ○ Я on Japanese printers). */
  isWiderHere(cluster: Cluster): boolean {
    return cluster.cells === 2 && !isWide(cluster.text.codePointAt(0)!)
  }

  /**
   * The row that spells the most characters in a stretch from `at`, the first in the profile's order among equals.
   * Taking the longest stretch each time gives the fewest changes there can be.
   */
  bestRow(text: string, at: number, end: number): number {
    const first = (this.index[text.charCodeAt(at)]! & ~needsCare) * 2
    let low = this.#masks[first]!
    let high = this.#masks[first + 1]!
    for (let next = at + 1; next < end; next++) {
      const code = text.charCodeAt(next)
      if (code < 0x80) continue
      const column = (this.index[code]! & ~needsCare) * 2
      if (column === 0) break
      const bothLow = low & this.#masks[column]!
      const bothHigh = high & this.#masks[column + 1]!
      if ((bothLow | bothHigh) === 0) break
      low = bothLow
      high = bothHigh
    }
    return low !== 0 ? 32 - Math.clz32(low & -low) : 64 - Math.clz32(high & -high)
  }
}

/**
 * A page's characters without those that a byte alone does not print right: Arabic letters join, and marks of most pages
 * need a printer that sets them onto the letter before.
 */
function usableTable(name: CodePageName): Uint16Array {
  return codePageTable(name).map((code) => {
    const char = String.fromCharCode(code)
    return isArabic(char) || (anyMark.test(char) && !pagesWithMarks.has(name)) ? 0 : code
  })
}

/** Canonical composition, and no invisible characters: "e" and a combining acute become é, which pages have. */
export function cleaned(text: string): string {
  return withoutInvisible(text.normalize('NFC'))
}

/** Writes text as bytes, changing pages as it must; remembers the printer's page from one text to the next. */
export class TextWriter {
  readonly #table: CharTable
  readonly #out: Bytes
  readonly #language: Pick<ReceiptLanguage, 'codePage' | 'shiftJis'>
  #row = 0

  constructor(table: CharTable, out: Bytes, language: Pick<ReceiptLanguage, 'codePage' | 'shiftJis'>) {
    this.#table = table
    this.#out = out
    this.#language = language
  }

  /** The printer was initialized. */
  reset(): void {
    this.#row = 0
  }

  /** Where the printer's page is; give it back to `rewind` together with taking back what was written since. */
  get row(): number {
    return this.#row
  }

  rewind(row: number): void {
    this.#row = row
  }

  /**
   * Writes text of plain characters (see `isPlain`), the common case, in one pass. False when a character is none; then
   * nothing was written.
   */
  tryWrite(text: string): boolean {
    const { index, bytes, columns, pageNumbers } = this.#table
    const out = this.#out
    const before = this.#row
    const lengthBefore = out.length
    // A byte each, and at worst a change of page before each.
    const buffer = out.room(text.length * 4)
    let length = out.length
    let start = before * columns
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if ((code - 0x20) >>> 0 < 0x5f) {
        buffer[length++] = code
        continue
      }
      const column = index[code]!
      if ((column - 1) >>> 0 >= needsCare - 1) {
        this.#row = before
        out.length = lengthBefore
        return false
      }
      if (bytes[start + column] === 0) {
        this.#row = this.#table.bestRow(text, at, text.length)
        start = this.#row * columns
        out.length = length
        this.#language.codePage(out, pageNumbers[this.#row]!)
        length = out.length
      }
      buffer[length++] = bytes[start + column]!
    }
    out.length = length
    return true
  }

  /** Writes any text that the printer spells, from left to right. */
  write(text: string): void {
    if (this.tryWrite(text)) return
    const { index, bytes, columns, pageNumbers } = this.#table
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      const column = index[code]! & ~needsCare
      if (code < 0x80) {
        this.#out.put1(code)
      } else if (column === 0) {
        at = this.#writeTwoByte(text, at, text.length) - 1
      } else {
        if (bytes[this.#row * columns + column] === 0) {
          this.#row = this.#table.bestRow(text, at, text.length)
          this.#language.codePage(this.#out, pageNumbers[this.#row]!)
        }
        this.#out.put1(bytes[this.#row * columns + column]!)
      }
    }
  }

  /** A stretch of two-byte characters, with the ASCII between them; where it ends. */
  #writeTwoByte(text: string, from: number, to: number): number {
    const table = this.#table
    const kanji = table.kanji!
    let end = from
    for (let at = from; at < to; at++) {
      const code = text.charCodeAt(at)
      if (code < 0x80) continue
      if (table.index[code] !== 0) break
      end = at + 1
    }
    this.#language.shiftJis(this.#out, true)
    for (let at = from; at < end; at++) {
      const code = text.charCodeAt(at)
      if (code < 0x80) this.#out.put1(code)
      else this.#out.put2(kanji[code]! >> 8, kanji[code]! & 0xff)
    }
    this.#language.shiftJis(this.#out, false)
    return end
  }
}
