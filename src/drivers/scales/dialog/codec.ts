/**
 * Checkout Dialog 02, 04 and 06 as values: records to bytes, answers to values. Pure.
 * Source: Mettler Toledo DIVA and Ohaus Aviator service manuals (records, status codes, price-computing interface).
 */
import { normalWeight, withPoint } from '../common/weights.ts'

export const stx = 0x02
export const etx = 0x03
export const ack = 0x06
export const nak = 0x15

export const codecLimits = {
  /** Longest record of the scale with STX and ETX, in bytes. The longest known (02) has 30. */
  recordBytesMax: 48,
  /** Digits of a tare. */
  tareDigits: 4,
} as const

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

/** Every request begins with EOT, which ends the step before it. */
const record = (body: string): Uint8Array => ascii(`\x04\x02${body}\x03`)

export const requests = {
  /** EOT ENQ: send what you have. */
  result: ascii('\x04\x05'),
  /** Record 08: how do you stand? Answered with record 09; weighs nothing. */
  status: record('08'),
} as const

/** What goes with a request for a weighing. Digits only; the text at most 13 ASCII characters. */
export interface WeighingOrder {
  /** 5 or 6 digits. */
  price: string
  /** 4 digits. */
  tare?: string | undefined
  text?: string | undefined
}

/** Record 01 (price), 03 (price, tare), 04 (price, text) or 05 (price, tare, text). */
export function orderRequest({ price, tare, text }: WeighingOrder): Uint8Array {
  if (tare === undefined && text === undefined) return record(`01\x1b${price}\x1b`)
  if (text === undefined) return record(`03\x1b${price}\x1b${tare}`)
  if (tare === undefined) return record(`04\x1b${price}\x1b${text}`)
  return record(`05\x1b${price}\x1b${tare}\x1b${text}`)
}

/** Record 10: the pairs that answer a challenge, each as 4 + 4 hex digits. */
export function checksumsRequest(pairs: readonly ChecksumPair[]): Uint8Array {
  const hex = (word: number) => word.toString(16).toUpperCase().padStart(4, '0')
  return record(`10\x1b${pairs.map(({ checksum, correction }) => hex(checksum) + hex(correction)).join('')}`)
}

export type Answer =
  | { kind: 'ack' }
  | { kind: 'nak' }
  /** Record 02, digits as they came. */
  | { kind: 'weighing'; format: string; weight: string; unitPrice: string; total: string }
  /** Record 09. */
  | { kind: 'status'; code: string }
  /** Record 11, 2: prove yourself. Both numbers 0 to 15. */
  | { kind: 'challenge'; z1: number; z2: number }
  /** Record 11, 1 or 0. */
  | { kind: 'verdict'; valid: boolean }
  | { kind: 'invalid'; reason: string }

const invalid = (reason: string): Answer => ({ kind: 'invalid', reason })

/** Reads ACK, NAK or a record with its STX and ETX. With `stripParity` bit 7 is dropped; bytes must then agree in parity. */
export function parseAnswer(frame: Uint8Array, stripParity: boolean): Answer {
  if (stripParity && !isParityConsistent(frame)) return invalid('a byte has the wrong parity')
  const bytes = stripParity ? frame.map((byte) => byte & 0x7f) : frame
  if (bytes.length === 1 && bytes[0] === ack) return { kind: 'ack' }
  if (bytes.length === 1 && bytes[0] === nak) return { kind: 'nak' }
  if (bytes.length > codecLimits.recordBytesMax) return invalid('the record is too long')
  const text = String.fromCharCode(...bytes)
  const [, number, body = ''] = /^\x02(\d\d)\x1b([^\x02\x03]*)\x03$/.exec(text) ?? []
  switch (number) {
    case '02': {
      const [, format = '', weight = '', unitPrice = '', total = ''] =
        /^([0-3])\x1b(\d{5})\x1b(\d{5,6})\x1b(\d{5,6})$/.exec(body) ?? []
      if (format === '') return invalid('record 02 has not the form of a weighing')
      return { kind: 'weighing', format, weight, unitPrice, total }
    }
    case '09':
      return /^\d\d$/.test(body)
        ? { kind: 'status', code: body }
        : invalid('record 09 has no status of two digits')
    case '11':
      return parseChallenge(body)
    default:
      return invalid(number === undefined ? 'it is no record' : `record ${number} is not for the till`)
  }
}

function parseChallenge(body: string): Answer {
  if (body === '0' || body === '1') return { kind: 'verdict', valid: body === '1' }
  const z1 = body[0] === '2' ? nibble(body[1]) : undefined
  const z2 = nibble(body[2])
  if (body.length !== 3 || z1 === undefined || z2 === undefined)
    return invalid('record 11 has not the form of a challenge')
  return { kind: 'challenge', z1, z2 }
}

/** A hex digit; `:;<=>?` stand for ten to fifteen where a scale adds 30 hex to a number (an example in a manual has `;`). */
function nibble(character: string | undefined): number | undefined {
  if (character === undefined) return undefined
  if (/^[0-9A-Fa-f]$/.test(character)) return Number.parseInt(character, 16)
  return /^[:;<=>?]$/.test(character) ? character.charCodeAt(0) - 0x30 : undefined
}

function isParityConsistent(bytes: Uint8Array): boolean {
  if (!bytes.some((byte) => byte > 0x7f)) return true
  return new Set(Array.from(bytes, parityOf)).size === 1
}

function parityOf(byte: number): number {
  let parity = byte ^ (byte >> 4)
  parity ^= parity >> 2
  parity ^= parity >> 1
  return parity & 1
}

/** A checksum and its correction as they travel, 16 bits each. */
export interface ChecksumPair {
  checksum: number
  correction: number
}

/** Remainder of checksum · 2^16 divided by the polynomial (17 bits, the highest one), without carries. */
export function correctionWord(checksum: number, polynomial: number): number {
  let remainder = checksum & 0xffff
  for (let bit = 0; bit < 16; bit++) {
    remainder <<= 1
    if ((remainder & 0x10000) !== 0) remainder ^= polynomial
  }
  return remainder & 0xffff
}

const rotateLeft = (word: number, bits: number): number => ((word << bits) | (word >>> (16 - bits))) & 0xffff

export type Rotation = 'left-right' | 'right-left' | 'none'

/** The pair for a checksum: it is turned left by z1 bits and its correction right by z2, unless a setting says otherwise. */
export function answerPair(
  checksum: number,
  polynomial: number,
  challenge: { z1: number; z2: number },
  rotation: Rotation,
): ChecksumPair {
  const correction = correctionWord(checksum, polynomial)
  const { z1, z2 } = challenge
  switch (rotation) {
    case 'none':
      return { checksum, correction }
    case 'left-right':
      return { checksum: rotateLeft(checksum, z1), correction: rotateLeft(correction, (16 - z2) % 16) }
    case 'right-left':
      return { checksum: rotateLeft(checksum, (16 - z1) % 16), correction: rotateLeft(correction, z2) }
  }
}

export interface DecodedWeighing {
  weight: string
  unit: 'kg' | 'lb'
  unitPrice: string
  total: string
}

export interface WeighingFormat {
  unit: 'auto' | 'kg' | 'lb'
  priceDecimals: number
  totalDecimals: number
  /** How far the total may be from weight times price, in its last digit; undefined: it is not checked. */
  totalTolerance: number | undefined
}

/** By the format digit of record 02; 0 (pounds and ounces) has no place here: nobody says how its digits are laid out. */
const formats: Readonly<Record<string, { unit: 'kg' | 'lb'; decimals: number }>> = {
  '1': { unit: 'lb', decimals: 2 },
  '2': { unit: 'lb', decimals: 3 },
  '3': { unit: 'kg', decimals: 3 },
}

/** The weighing in a record 02, or why it is none. `price`: the digits that were sent. */
export function decodeWeighing(
  answer: Extract<Answer, { kind: 'weighing' }>,
  price: string,
  settings: WeighingFormat,
): DecodedWeighing | { reason: string } {
  const format = formats[answer.format]
  if (format === undefined) return { reason: 'it weighs in pounds and ounces, which is not supported' }
  if (settings.unit !== 'auto' && format.unit !== settings.unit)
    return { reason: `the scale weighs in ${format.unit}, not ${settings.unit}` }
  if (BigInt(answer.unitPrice) !== BigInt(price)) return { reason: 'it is for another price than was sent' }
  if (!isTotalRight(answer, format.decimals, settings))
    return { reason: 'its total is not weight times price; see totalTolerance' }
  const weight = withPoint(answer.weight, format.decimals)
  const unitPrice = decimalOf(answer.unitPrice, settings.priceDecimals)
  const total = decimalOf(answer.total, settings.totalDecimals)
  if (weight === undefined || unitPrice === undefined || total === undefined)
    return { reason: 'it has too few digits' }
  return { weight, unit: format.unit, unitPrice, total }
}

const decimalOf = (digits: string, decimals: number): string | undefined =>
  decimals === 0 ? normalWeight(digits) : withPoint(digits, decimals)

/** Compares exactly, at the finer of both scales: |total − weight · price| in units of the total's last digit. */
function isTotalRight(
  { weight, unitPrice, total }: { weight: string; unitPrice: string; total: string },
  weightDecimals: number,
  { priceDecimals, totalDecimals, totalTolerance }: WeighingFormat,
): boolean {
  if (totalTolerance === undefined) return true
  const productDecimals = weightDecimals + priceDecimals
  const places = Math.max(productDecimals, totalDecimals)
  const ten = (power: number) => 10n ** BigInt(power)
  const product = BigInt(weight) * BigInt(unitPrice) * ten(places - productDecimals)
  const unit = ten(places - totalDecimals)
  const difference = product - BigInt(total) * unit
  // Half a digit is the rounding of the scale itself.
  const allowed = BigInt(totalTolerance) * unit * 2n + unit
  return 2n * (difference < 0n ? -difference : difference) <= allowed
}
