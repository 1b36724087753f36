/** Strokes as text, as a computer with this layout would have it: levels, Caps Lock, dead keys, Ctrl and ALT codes. */
import { type AltPage, altCharacter } from './code-pages.ts'
import { deadMark, type Layout } from './layouts.ts'
import type { Stroke } from './strokes.ts'

export interface TypingOptions {
  /** Caps Lock at the start; its key switches it. */
  capsLock: 'off' | 'on'
  /** What Caps Lock does: capital letters only, or shift for every key. */
  capsLockKeys: 'letters' | 'all'
  /** `literal`: a dead key types its accent at once. */
  deadKeys: 'compose' | 'literal'
  altPage: AltPage
  /** Function keys that stand for GS, 1 to 12. */
  gsKeys: readonly number[]
}

const capsLockKey = 0x39
const [f1, f12] = [0x3a, 0x45]

/** Keys that are the same in every layout. */
const plainKeys: ReadonlyMap<number, string> = new Map([
  [0x28, '\r'],
  [0x29, '\x1b'],
  [0x2a, '\b'],
  [0x2b, '\t'],
  [0x2c, ' '],
  [0x54, '/'],
  [0x55, '*'],
  [0x56, '-'],
  [0x57, '+'],
  [0x58, '\r'],
  ...Array.from({ length: 9 }, (_, index): [number, string] => [0x59 + index, String(index + 1)]),
  [0x62, '0'],
  [0x67, '='],
])
const keypadDecimal = 0x63

/** Control characters by the place of the key: scanners mean Ctrl and the US key, whatever stands on it elsewhere. */
const controlKeys: ReadonlyMap<number, string> = new Map([
  [0x2f, '\x1b'],
  [0x31, '\x1c'],
  [0x32, '\x1c'],
  [0x30, '\x1d'],
  [0x23, '\x1e'],
  [0x2d, '\x1f'],
  [0x1f, '\0'],
])

const combining: Readonly<Record<string, string>> = {
  '`': '\u0300',
  '´': '\u0301',
  '^': '\u0302',
  '~': '\u0303',
  '¯': '\u0304',
  '˘': '\u0306',
  '˙': '\u0307',
  '¨': '\u0308',
  '˚': '\u030a',
  '˝': '\u030b',
  ˇ: '\u030c',
  '¸': '\u0327',
  '˛': '\u0328',
}

/** The letter with the accent of a dead key; undefined when there is no such letter. */
export function composed(accent: string, character: string): string | undefined {
  const letter = (character + (combining[accent] ?? '')).normalize('NFC')
  return letter.length === 1 && letter !== character ? letter : undefined
}

export class Typing {
  readonly #layout: Layout
  readonly #options: TypingOptions
  #capsLock: boolean
  #accent = ''

  constructor(layout: Layout, options: TypingOptions) {
    this.#layout = layout
    this.#options = options
    this.#capsLock = options.capsLock === 'on'
  }

  /** True while a dead key waits for its letter. */
  get pending(): boolean {
    return this.#accent !== ''
  }

  /** What a stroke types: nothing, a character, or an accent and the character that it does not fit on. */
  type(stroke: Stroke): string {
    if ('code' in stroke) return this.#put(altCharacter(stroke.code, this.#options.altPage))
    const { key } = stroke
    if (key === capsLockKey) {
      this.#capsLock = !this.#capsLock
      return ''
    }
    if (key >= f1 && key <= f12) return this.#options.gsKeys.includes(key - f1 + 1) ? this.#put('\x1d') : ''
    const plain = key === keypadDecimal ? this.#layout.decimal : plainKeys.get(key)
    if (plain !== undefined) return this.#put(plain)
    const cell = this.#cell(stroke)
    if (stroke.ctrl) return this.#put(controlOf(key, cell))
    if (cell?.startsWith(deadMark) === true && cell !== deadMark)
      return this.#dead(cell.slice(deadMark.length))
    return this.#put(cell ?? '')
  }

  /** The accent of a dead key after which nothing came. */
  flush(): string {
    const accent = this.#accent
    this.#accent = ''
    return accent
  }

  #dead(accent: string): string {
    if (this.#options.deadKeys === 'literal') return accent
    const before = this.flush()
    this.#accent = accent
    return before
  }

  #put(character: string): string {
    if (character === '' || this.#accent === '') return character
    const accent = this.flush()
    return character === ' ' ? accent : (composed(accent, character) ?? accent + character)
  }

  #cell({ key, shift, ctrl, altGr }: Extract<Stroke, { key: number }>): string | undefined {
    const cells = this.#layout.keys.get(key)
    const base = altGr ? 2 : 0
    const [lower, upper] = [cells?.[base], cells?.[base + 1]]
    if (!this.#capsLock || ctrl) return shift ? upper : lower
    const isPair = lower !== undefined && lower !== upper && lower.toUpperCase() === upper
    if (isPair || this.#options.capsLockKeys === 'all') return shift ? lower : upper
    const cell = shift ? upper : lower
    const capital = cell?.toUpperCase()
    return capital?.length === 1 ? capital : cell
  }
}

/** Ctrl and a letter of the layout, or a sign that has a control character, or the key where a US keyboard has that sign. */
function controlOf(key: number, cell: string | undefined): string {
  if (cell !== undefined && /^[@A-Z[\\\]^_a-z]$/.test(cell))
    return String.fromCharCode(cell.charCodeAt(0) & 0x1f)
  return controlKeys.get(key) ?? ''
}
