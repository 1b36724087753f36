/** Reports of a typing scanner as the texts of its scans. Pure: no clock; whoever has one ends a scan that no key ends. */
import { keyReader, type ReadKeys } from './key-reports.ts'
import { layoutOf } from './layouts.ts'
import { functionKeyNumbers, type HidKeyboardScannerSettings } from './settings.ts'
import { Strokes } from './strokes.ts'
import { Typing } from './typing.ts'

export class ScanReader {
  readonly #read: ReadKeys
  readonly #strokes = new Strokes()
  readonly #typing: Typing
  readonly #ends: ReadonlySet<string>
  readonly #charsMax: number
  #text = ''
  #skipping = false
  /** Scans dropped because they were longer than `codeCharsMax`. */
  overflows = 0

  constructor(descriptor: Uint8Array, settings: HidKeyboardScannerSettings) {
    this.#read = keyReader(descriptor)
    this.#typing = new Typing(layoutOf(settings.layout), {
      ...settings,
      gsKeys: functionKeyNumbers(settings.gsKeys),
    })
    this.#ends = new Set([
      ...(settings.ends.includes('enter') ? ['\r', '\n'] : []),
      ...(settings.ends.includes('tab') ? ['\t'] : []),
    ])
    this.#charsMax = settings.codeCharsMax
  }

  /** True when a scan has begun and not ended. */
  get pending(): boolean {
    return this.#text !== '' || this.#skipping || this.#typing.pending || this.#strokes.pending
  }

  /** The scans that a report ends; mostly none. Empty ones are none. */
  take(report: Uint8Array): string[] {
    const state = this.#read(report)
    if (state === undefined) return []
    const scans: string[] = []
    for (const stroke of this.#strokes.take(state)) {
      for (const character of this.#typing.type(stroke)) {
        if (!this.#ends.has(character)) this.#add(character)
        else {
          const scan = this.#finish()
          if (scan !== undefined) scans.push(scan)
        }
      }
    }
    return scans
  }

  /** Ends the scan that has begun, for a scanner that types no end. One that stops inside an ALT code is cut off: it is none. */
  flush(): string | undefined {
    const cut = this.#strokes.pending
    this.#strokes.reset()
    for (const character of this.#typing.flush()) this.#add(character)
    const text = this.#finish()
    return cut ? undefined : text
  }

  #add(character: string): void {
    if (this.#skipping) return
    this.#text += character
    if (this.#text.length <= this.#charsMax) return
    this.#text = ''
    this.#skipping = true
    this.overflows++
  }

  #finish(): string | undefined {
    const text = this.#text
    this.#text = ''
    this.#skipping = false
    return text === '' ? undefined : text
  }
}
