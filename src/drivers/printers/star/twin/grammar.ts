/** Cuts the stream of received bytes into Star commands and text, however it was split on its way. */

/** A command as received. `text` has its characters as data, `rows` one row of raster mode. */
export interface Command {
  readonly name: string
  readonly args: readonly number[]
  readonly data: Uint8Array
  /** Its length in bytes. */
  readonly bytes: number
}

export const grammarLimits = {
  /** Longest data of one command. A longer one is taken for a misread length. */
  dataBytesMax: 4 * 1024 * 1024,
  /** Longest barcode and longest decimal setting, in bytes. */
  untilBytesMax: 255,
} as const

const ESC = 0x1b
const RS = 0x1e
const nothing = new Uint8Array(0)
const word = (low: number | undefined, high: number | undefined) => (low ?? 0) + (high ?? 0) * 256

interface Form {
  /** Parameters behind the name. */
  readonly args: number
  /** Bytes of data behind the parameters. */
  readonly data?: (args: readonly number[]) => number
  /** Data up to this byte, which ends it and is not part of it. */
  readonly until?: number
}

const fixed = (args = 0): Form => ({ args })

/** Names in Latin letters stand for themselves, the rest in hex; the bytes of a name are joined by spaces. */
const single: Readonly<Record<number, string>> = {
  4: 'EOT',
  5: 'ENQ',
  7: 'BEL',
  9: 'HT',
  10: 'LF',
  12: 'FF',
  13: 'CR',
  15: 'SI',
  18: 'DC2',
  23: 'ETB',
  24: 'CAN',
  25: 'EM',
  26: 'SUB',
  28: 'FS',
}

/** By the bytes of the name as Latin-1 text, longest names of one beginning together. */
const forms: Readonly<Record<string, Form>> = {
  '\x1b@': fixed(),
  '\x1b\x06\x01': fixed(),
  '\x1bR': fixed(1),
  '\x1bE': fixed(),
  '\x1bF': fixed(),
  '\x1b4': fixed(),
  '\x1b5': fixed(),
  '\x1b-': fixed(1),
  '\x1b_': fixed(1),
  '\x1bi': fixed(2),
  '\x1bW': fixed(1),
  '\x1bh': fixed(1),
  '\x1b ': fixed(1),
  '\x1b/': fixed(1),
  '\x1ba': fixed(1),
  '\x1bJ': fixed(1),
  '\x1bz': fixed(1),
  '\x1b0': fixed(),
  '\x1bd': fixed(1),
  '\x1bl': fixed(1),
  '\x1bQ': fixed(1),
  '\x1b$': fixed(1),
  '\x1bs': fixed(2),
  '\x1bp': fixed(),
  '\x1bq': fixed(),
  '\x1b\x07': fixed(2),
  '\x1b\x1eF': fixed(1),
  '\x1b\x1ea': fixed(1),
  '\x1b\x1eE': fixed(1),
  '\x1b\x1eR': fixed(1),
  '\x1b\x1er': fixed(1),
  '\x1b\x1ed': fixed(1),
  '\x1bb': { args: 4, until: RS },
  '\x1bk': { args: 2, data: ([low, high]) => word(low, high) * 24 },
  '\x1b\x0c\x00': fixed(),
  '\x1b\x0c\x04': fixed(),
  '\x1b*rA': fixed(),
  '\x1b*rB': fixed(),
  '\x1b*rC': fixed(),
  '\x1b*rR': fixed(),
  '\x1b*rE': { args: 0, until: 0 },
  '\x1b*rF': { args: 0, until: 0 },
  '\x1b*rP': { args: 0, until: 0 },
  '\x1b*rQ': { args: 0, until: 0 },
  '\x1b*rY': { args: 0, until: 0 },
  '\x1b*rT': { args: 0, until: 0 },
  '\x1b*rm': { args: 1, until: 0 },
  '\x1b\x1dt': fixed(1),
  '\x1b\x1da': fixed(1),
  '\x1b\x1dA': fixed(2),
  '\x1b\x1dR': fixed(2),
  '\x1b\x1d\x03': fixed(3),
  '\x1b\x1d\x07': fixed(3),
  '\x1b\x1dS': {
    args: 6,
    data: ([, xl, xh, yl, yh]) => word(xl, xh) * word(yl, yh),
  },
  '\x1b\x1dyS': fixed(2),
  '\x1b\x1dyD1': { args: 3, data: ([, low, high]) => word(low, high) },
  '\x1b\x1dyP': fixed(),
  '\x1b\x1dyI': fixed(),
  '\x1b\x1dxS0': fixed(3),
  '\x1b\x1dxS1': fixed(1),
  '\x1b\x1dxS2': fixed(1),
  '\x1b\x1dxS3': fixed(1),
  '\x1b\x1dxD': { args: 2, data: ([low, high]) => word(low, high) },
  '\x1b\x1dxP': fixed(),
}

const names = Object.keys(forms)
const longestName = Math.max(...names.map((name) => name.length))

/** ESC GS y as `ESC GS y`. */
function readable(name: string): string {
  const controls: Readonly<Record<string, string>> = {
    '\x1b': 'ESC',
    '\x1d': 'GS',
    '\x1e': 'RS',
    '\x07': 'BEL',
    '\x06': 'ACK',
    '\x01': 'SOH',
    '\x03': 'ETX',
    '\x0c': 'FF',
    '\x00': 'NUL',
    '\x04': 'EOT',
    ' ': 'SP',
  }
  return [...name].map((char) => controls[char] ?? char).join(' ')
}

/** One command from the front of the bytes; undefined when it has not ended yet. `wrong`: what stands there is none. */
function first(bytes: Uint8Array, inRaster: boolean): Command | { wrong: string; bytes: number } | undefined {
  const byte = bytes[0]!
  if (inRaster && byte === 0x62) {
    if (bytes.length < 3) return undefined
    const end = 3 + word(bytes[1], bytes[2])
    if (bytes.length < end) return undefined
    return { name: 'rows', args: [], data: bytes.slice(3, end), bytes: end }
  }
  if (byte !== ESC) {
    const name = single[byte]
    if (name !== undefined) return { name, args: [], data: nothing, bytes: 1 }
    if (byte === 0) return { name: 'NUL', args: [], data: nothing, bytes: 1 }
    if (byte < 0x20) return { wrong: `control character ${byte.toString(16)}h`, bytes: 1 }
    if (inRaster) return { wrong: 'a letter in raster mode', bytes: 1 }
    let end = 1
    while (end < bytes.length && bytes[end]! >= 0x20) end++
    return { name: 'text', args: [], data: bytes.slice(0, end), bytes: end }
  }
  const head = String.fromCharCode(...bytes.subarray(0, longestName))
  const name = names.find((known) => head.startsWith(known))
  if (name === undefined) {
    if (head.length < longestName && names.some((known) => known.startsWith(head))) return undefined
    return { wrong: `unknown command ${readable(head.slice(0, 3))}`, bytes: 2 }
  }
  return rest(name, forms[name]!, bytes)
}

function rest(
  name: string,
  form: Form,
  bytes: Uint8Array,
): Command | { wrong: string; bytes: number } | undefined {
  const dataAt = name.length + form.args
  if (bytes.length < dataAt) return undefined
  const args = [...bytes.subarray(name.length, dataAt)]
  const label = readable(name)
  if (form.until !== undefined) {
    const found = bytes.indexOf(form.until, dataAt)
    const length = (found < 0 ? bytes.length : found) - dataAt
    if (length > grammarLimits.untilBytesMax) return { wrong: `${label} without an end`, bytes: dataAt }
    if (found < 0) return undefined
    return { name: label, args, data: bytes.slice(dataAt, found), bytes: found + 1 }
  }
  const length = form.data?.(args) ?? 0
  if (length > grammarLimits.dataBytesMax) return { wrong: `${label} with ${length} bytes`, bytes: dataAt }
  if (bytes.length < dataAt + length) return undefined
  return { name: label, args, data: bytes.slice(dataAt, dataAt + length), bytes: dataAt + length }
}

export class Grammar {
  #parts: Uint8Array[] = []
  #raster = false
  readonly #command: (command: Command) => void
  readonly #violate: (reason: string) => void

  constructor(command: (command: Command) => void, violate: (reason: string) => void) {
    this.#command = command
    this.#violate = violate
  }

  /** Bytes of a command that has not ended yet. */
  get unfinished(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0)
  }

  push(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    let left = this.#parts.length === 1 ? bytes : joined(this.#parts)
    while (left.length > 0) {
      const found = first(left, this.#raster)
      if (found === undefined) break
      left = left.subarray(found.bytes)
      if ('wrong' in found) {
        this.#violate(found.wrong)
        continue
      }
      if (found.name === 'ESC * r A') this.#raster = true
      if (found.name === 'ESC * r B' || found.name === 'ESC @') this.#raster = false
      this.#command(found)
    }
    this.#parts = left.length === 0 ? [] : [left.slice()]
  }

  /** Forgets an unfinished command. */
  drop(): void {
    this.#parts = []
    this.#raster = false
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
