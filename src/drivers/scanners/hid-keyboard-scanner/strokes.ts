/** Keys that go down as strokes, whatever the layout: what is new since the last report, in order, and ALT codes. */
import type { KeyState } from './key-reports.ts'

/** A key with what is held beside it, or the digits of a code typed on the keypad while ALT was held. */
export type Stroke =
  | { readonly key: number; readonly shift: boolean; readonly ctrl: boolean; readonly altGr: boolean }
  | { readonly code: string }

export const strokeLimits = {
  /** Longest ALT code, in digits. */
  codeDigitsMax: 5,
} as const

const bits = { ctrl: 0x11, shift: 0x22, leftAlt: 0x04, rightAlt: 0x40, gui: 0x88 } as const
const [keypad1, keypad9, keypad0] = [0x59, 0x61, 0x62]

export class Strokes {
  #down: readonly number[] = []
  #digits = ''

  /** True while the digits of a code are typed. */
  get pending(): boolean {
    return this.#digits !== ''
  }

  /** Forgets a code that has begun. */
  reset(): void {
    this.#digits = ''
  }

  /** The strokes that a report adds. A key that is still down since the last report is none. */
  take({ modifiers, keys }: KeyState): Stroke[] {
    const strokes: Stroke[] = []
    const alt = (modifiers & bits.leftAlt) !== 0
    if (!alt && this.#digits !== '') {
      strokes.push({ code: this.#digits })
      this.#digits = ''
    }
    const down = this.#down
    this.#down = keys
    const ctrl = (modifiers & bits.ctrl) !== 0
    // Ctrl and the left Alt together are AltGr, as on Windows.
    const altGr = (modifiers & bits.rightAlt) !== 0 || (alt && ctrl)
    const shift = (modifiers & bits.shift) !== 0
    for (const [index, key] of keys.entries()) {
      if (down.includes(key) || keys.indexOf(key) !== index) continue
      if (alt && !altGr) this.#addDigit(key)
      else if ((modifiers & bits.gui) === 0) strokes.push({ key, shift, ctrl: ctrl && !altGr, altGr })
    }
    return strokes
  }

  /** ALT with anything but a digit of the keypad is a command of some system and types nothing. */
  #addDigit(key: number): void {
    if (key < keypad1 || key > keypad0 || this.#digits.length >= strokeLimits.codeDigitsMax) return
    this.#digits += key <= keypad9 ? String(key - keypad1 + 1) : '0'
  }
}
