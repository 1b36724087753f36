/** From received bytes to characters: code pages, international sets and two-byte characters. */
import {
  epsonPageNumbers,
  isShiftJisLead,
  jisChar,
  missing,
  nationalChar,
  shiftJisChar,
  upperHalf,
} from '../../common/twin/tables.ts'

export interface CharacterOptions {
  readonly kanji: 'none' | 'shift-jis'
  /** ESC t numbers; Epson's when left out. */
  readonly codePages?: Readonly<Record<number, string>> | undefined
}

export interface DecodedChar {
  readonly char: string
  readonly twoByte: boolean
}

export class Characters {
  readonly #options: CharacterOptions
  readonly #violate: (reason: string) => void
  #page = ''
  #upper = ''
  #national = 0
  #kanjiMode = false
  #shiftJis = false
  #lead: number | undefined

  constructor(options: CharacterOptions, violate: (reason: string) => void) {
    this.#options = options
    this.#violate = violate
  }

  reset(): void {
    this.selectPage(0)
    this.#national = 0
    this.#kanjiMode = false
    this.#shiftJis = false
    this.#lead = undefined
  }

  /** ESC t */
  selectPage(number: number): void {
    const page = (this.#options.codePages ?? epsonPageNumbers)[number]
    const upper = page === undefined ? undefined : upperHalf(page)
    if (page === undefined || upper === undefined) this.#violate(`no code page ${number}`)
    else {
      this.#page = page
      this.#upper = upper
    }
  }

  /** ESC R */
  selectNational(set: number): void {
    this.#national = set
  }

  /** FS & and FS . only count in the JIS code system (so say Epson-compatible manuals); Shift_JIS is on until FS C 0. */
  selectKanji(on: boolean): void {
    if (this.#canSelect(on) && !this.#shiftJis) this.#kanjiMode = on
  }

  /** FS C */
  selectSystem(shiftJis: boolean): void {
    if (this.#canSelect(shiftJis)) this.#shiftJis = shiftJis
  }

  /** A command came where the second byte of a character should be. */
  interrupted(): void {
    if (this.#lead !== undefined) this.#violate('the second byte of a two-byte character is missing')
    this.#lead = undefined
  }

  /** The character that is complete with this byte, or undefined after the first of two bytes. */
  next(byte: number): DecodedChar | undefined {
    const lead = this.#lead
    if (lead !== undefined) {
      this.#lead = undefined
      const char = this.#shiftJis ? shiftJisChar(lead, byte) : jisChar(lead, byte)
      if (char === missing) this.#violate(`no two-byte character ${lead.toString(16)} ${byte.toString(16)}`)
      return { char, twoByte: true }
    }
    if (this.#shiftJis ? isShiftJisLead(byte) : this.#kanjiMode && byte > 0x20) {
      this.#lead = byte
      return undefined
    }
    if (byte < 0x80) return { char: nationalChar(byte, this.#national), twoByte: false }
    // In Shift_JIS the single bytes A1h to DFh are half-width katakana, whatever the code page.
    const upper = this.#shiftJis ? upperHalf('katakana')! : this.#upper
    const char = upper[byte - 0x80]!
    if (char === missing) this.#violate(`byte ${byte.toString(16)}h is no character of ${this.#page}`)
    return { char, twoByte: false }
  }

  /** A printer without two-byte characters may be told to do without them. */
  #canSelect(on: boolean): boolean {
    if (on && this.#options.kanji === 'none') this.#violate('this printer has no two-byte characters')
    return this.#options.kanji !== 'none'
  }
}
