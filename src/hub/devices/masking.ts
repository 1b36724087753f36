/** Strikes out what must not stand in a trace or a bundle: card numbers and tracks in bytes, secrets in settings. */
import { isSecretName } from '../secret-names.ts'

/** Card numbers have 13 to 19 digits (ISO/IEC 7812-1); six first and four last may be shown (PCI DSS 3.4.1). */
const panDigits = { min: 13, max: 19, first: 6, last: 4 } as const
const star = 0x2a
/** Longest track with its sentinels, in characters (ISO/IEC 7813: 79 for track 1), and some to spare. */
const trackCharsMax = 110
/** Packed card numbers have 13 to 19 digits, two in a byte. */
const packedBytes = { min: 7, max: 10, first: 3, last: 2 } as const

/**
 * The bytes with card data struck out by `*`, their number unchanged: runs of 13 to 19 digits that pass the Luhn check, magnetic
 * tracks (`;…=…?`, `%B…^…?`) whole, and packed BCD after the same rule. EAN and GTIN codes have 13 or 14 digits and one in ten
 * passes Luhn as well: those are struck out too, which a trace can bear.
 */
export function maskCardData(bytes: Uint8Array): Uint8Array {
  let masked: Uint8Array | undefined
  const copy = () => (masked ??= bytes.slice())
  for (const [start, end] of digitRuns(bytes)) {
    const length = end - start
    if (length < panDigits.min || length > panDigits.max || !isLuhn(bytes.subarray(start, end))) continue
    copy().fill(star, start + panDigits.first, end - panDigits.last)
  }
  for (const [start, end] of tracks(bytes)) copy().fill(star, start, end)
  for (const [start, end] of packedRuns(bytes)) copy().fill(0xee, start, end)
  return masked ?? bytes
}

export const maskText = (text: string): string => Buffer.from(maskCardData(Buffer.from(text))).toString()

/** The same for the texts in a value: a card that was swiped comes as a scan. */
export const maskTexts = (value: unknown): unknown => withTexts(value, maskText)

/** The value with other texts in it, at any depth; names stay. */
export function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withTexts(inner, change)]))
}

/** Values of fields whose names say that they are secret become `***`, at any depth. */
export function withoutSecrets(settings: unknown): Record<string, unknown> {
  const strike = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strike)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, isSecretName(name) ? '***' : strike(inner)]),
    )
  }
  return strike(settings) as Record<string, unknown>
}

/**
 * Masks the pieces that come one after another on a wire, wherever they are cut. Of what may be the beginning of card data at the
 * end of a piece only the first six digits are left, for nobody knows how it goes on.
 */
export class PieceMask {
  /** What stood there before the next piece and may belong to it; unmasked, never kept in a trace. */
  #open: Uint8Array = new Uint8Array(0)

  push(piece: Uint8Array): Uint8Array {
    const before = this.#open.length
    const whole = new Uint8Array(before + piece.length)
    whole.set(this.#open)
    whole.set(piece, before)
    const masked = maskCardData(whole)
    const { start, shown } = openEnd(whole)
    this.#open = whole.slice(start)
    const from = start + shown
    if (from >= whole.length) return masked.subarray(before)
    const cut = masked.slice(before)
    cut.fill(star, Math.max(0, from - before))
    return cut
  }
}

/** Where card data may have begun that the bytes end in the middle of, and how many bytes from there may be shown. */
function openEnd(bytes: Uint8Array): { start: number; shown: number } {
  const { length } = bytes
  const tail = String.fromCharCode(...bytes.subarray(Math.max(0, length - trackCharsMax)))
  const track = /(;\d[\d=]*|%B\d[\x20-\x3e\x40-\x5f]*|;|%B?)$/.exec(tail)?.[0].length ?? 0
  if (track > 0 && track < trackCharsMax) {
    const sentinel = tail.at(-track) === '%' ? 2 : 1
    return { start: length - track, shown: sentinel + panDigits.first }
  }
  const digits = /\d+$/.exec(tail)?.[0].length ?? 0
  // A longer run is no card number; enough of it is kept to know that it goes on.
  if (digits > panDigits.max) return { start: length - panDigits.max - 1, shown: panDigits.max + 1 }
  if (digits > 0) return { start: length - digits, shown: panDigits.first }
  const packed = openPacked(bytes)
  return packed === undefined ? { start: length, shown: 0 } : { start: packed, shown: 2 + packedBytes.first }
}

/** Where a packed number begins that is not whole yet. */
function openPacked(bytes: Uint8Array): number | undefined {
  for (let start = Math.max(0, bytes.length - packedBytes.max - 1); start < bytes.length; start++) {
    const rest = bytes.subarray(start)
    const [tens = 0, ones = 0xf0] = rest
    if (tens >> 4 !== 0xf || ones >> 4 !== 0xf) continue
    if (rest.length === 1) return (tens & 0xf) <= 1 ? start : undefined
    const count = (tens & 0xf) * 10 + (ones & 0xf)
    if (count < packedBytes.min || count > packedBytes.max || rest.length >= 2 + count) continue
    if (rest.subarray(2).every((byte) => byte >> 4 <= 9 && (byte & 0xf) <= 9)) return start
  }
  return undefined
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

function* digitRuns(bytes: Uint8Array): Generator<[number, number]> {
  for (let start = 0; start < bytes.length; start++) {
    if (!isDigit(bytes[start])) continue
    let end = start
    while (isDigit(bytes[end])) end++
    yield [start, end]
    start = end
  }
}

/** Track 2 `;PAN=…?` and track 1 `%BPAN^NAME^…?` (ISO/IEC 7813), by their sentinels. */
function* tracks(bytes: Uint8Array): Generator<[number, number]> {
  for (let start = 0; start < bytes.length; start++) {
    const isTrack2 = bytes[start] === 0x3b && isDigit(bytes[start + 1])
    const isTrack1 = bytes[start] === 0x25 && bytes[start + 1] === 0x42 && isDigit(bytes[start + 2])
    if (!isTrack1 && !isTrack2) continue
    const separator = isTrack2 ? 0x3d : 0x5e
    // Not sought further: a picture full of sentinels would cost the square of its length.
    const track = bytes.subarray(start, start + trackCharsMax + 1)
    const end = start + track.indexOf(0x3f)
    if (end < start || !bytes.subarray(start, end).includes(separator)) continue
    yield [start + 1, end]
    start = end
  }
}

/**
 * ZVT and others pack two digits into a byte and pad with F: a card number is 7 to 10 bytes. Only runs that follow a length in
 * LLVAR (`Fx Fy`, ZVT PA00P015) are looked at, so that pictures and text are not torn.
 */
function* packedRuns(bytes: Uint8Array): Generator<[number, number]> {
  for (let index = 0; index + 1 < bytes.length; index++) {
    const [tens, ones] = [bytes[index] as number, bytes[index + 1] as number]
    if (tens >> 4 !== 0xf || ones >> 4 !== 0xf) continue
    const length = (tens & 0xf) * 10 + (ones & 0xf)
    if (length < packedBytes.min || length > packedBytes.max) continue
    const start = index + 2
    const digits = unpacked(bytes.subarray(start, start + length))
    if (digits === undefined || digits.length < panDigits.min || !isLuhn(digits)) continue
    yield [start + packedBytes.first, start + length - packedBytes.last]
    index = start + length - 1
  }
}

/** The digits of a packed number as characters; undefined for what is none. An F at its end fills the last byte. */
function unpacked(packed: Uint8Array): Uint8Array | undefined {
  const digits: number[] = []
  for (const [index, byte] of packed.entries()) {
    const [high, low] = [byte >> 4, byte & 0xf]
    const isFilled = low === 0xf && index === packed.length - 1
    if (high > 9 || (low > 9 && !isFilled)) return undefined
    digits.push(0x30 + high)
    if (!isFilled) digits.push(0x30 + low)
  }
  return digits.length > panDigits.max ? undefined : Uint8Array.from(digits)
}

function isLuhn(digits: Uint8Array): boolean {
  let sum = 0
  for (let index = digits.length - 1, second = false; index >= 0; index--, second = !second) {
    const digit = (digits[index] as number) - 0x30
    sum += second ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum % 10 === 0
}
