/**
 * The Toledo 8217 language as values: requests to bytes, answers to values. Pure.
 * Source: Mettler Toledo DIVA service manual, sections 6.1.3 and 6.1.4 (commands, status byte); Brecknell 67xx service
 * manual, table 7.6 (echo mode, unknown commands).
 */
import { digitsOf } from '../common/weights.ts'

export const stx = 0x02
export const cr = 0x0d
/** Bit 7 may carry the parity of a 7-bit line that is read as 8 bits. */
export const sevenBits = 0x7f

/** Longest answer without STX and CR, in bytes. The longest known is `0WW.WWWN` with a unit after it. */
export const answerBytesMax = 24

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

/** Commands are upper-case letters without a terminator, but for the tare. */
export const requests = {
  weight: ascii('W'),
  highResolution: ascii('H'),
  zero: ascii('Z'),
  clearTare: ascii('C'),
  echoOn: ascii('E'),
  echoOff: ascii('F'),
} as const

/** `T` takes the load as tare. Without the CR some scales wait for digits; with it others see an unknown command. */
export function tareRequest(end: 'cr' | 'none'): Uint8Array {
  return ascii(end === 'cr' ? 'T\r' : 'T')
}

/** `T` and five digits: a known tare. `digits` comes from `presetTareDigits`. */
export function presetTareRequest(digits: string): Uint8Array {
  return ascii(`T${digits}\r`)
}

export type PresetFormat = 'WW.WWW' | 'WWW.WW'

/** The five digits of a tare given as a decimal string, or undefined when they cannot hold it exactly. */
export const presetTareDigits = (weight: string, format: PresetFormat): string | undefined =>
  digitsOf(weight, 5, format === 'WW.WWW' ? 3 : 2)

export interface ToledoStatus {
  motion: boolean
  over: boolean
  under: boolean
  outsideZeroCapture: boolean
  centreOfZero: boolean
  net: boolean
}

/** Status byte: bit 6 is always 1, so the byte is never a control character. */
export function parseStatus(byte: number): ToledoStatus {
  const bit = (number: number) => (byte & (1 << number)) !== 0
  return {
    motion: bit(0),
    over: bit(1),
    under: bit(2),
    outsideZeroCapture: bit(3),
    centreOfZero: bit(4),
    net: bit(5),
  }
}

export type ScaleUnit = 'kg' | 'lb'

export type Answer =
  | { kind: 'weight'; whole: string; decimals: string | undefined; net: boolean; unit: ScaleUnit | undefined }
  | { kind: 'status'; status: ToledoStatus }
  /** `E`, `F` or nothing: the scale took a command of echo mode or of the self test. */
  | { kind: 'taken'; command: string }
  | { kind: 'invalid'; reason: string }

const invalid = (reason: string): Answer => ({ kind: 'invalid', reason })

/**
 * Reads what stood between STX and CR. With `stripParity` bit 7 is dropped; when any byte has it, the bytes must all have
 * the same parity, which is what is left of the line's protection against noise.
 */
export function parseAnswer(frame: Uint8Array, stripParity: boolean): Answer {
  if (stripParity && !isParityConsistent(frame)) return invalid('a byte has the wrong parity')
  const bytes = stripParity ? frame.map((byte) => byte & sevenBits) : frame
  if (bytes.some((byte) => byte > sevenBits)) return invalid('a byte has bit 7 set')
  const text = String.fromCharCode(...bytes)
  if (text.startsWith('?')) {
    const byte = bytes[1]
    const isStatus = text.length === 2 && byte !== undefined && (byte & 0x40) !== 0
    return isStatus
      ? { kind: 'status', status: parseStatus(byte) }
      : invalid('a status is ? and one byte with bit 6 set')
  }
  if (['', 'E', 'F'].includes(text)) return { kind: 'taken', command: text }
  const [, whole, decimals, unit, net] = /^ {0,4}(\d{1,6})(?:\.(\d{1,4}))? ?(kg|lb)?(N)?$/i.exec(text) ?? []
  if (whole === undefined) return invalid('a weight is digits with a point')
  return {
    kind: 'weight',
    whole,
    decimals,
    net: net !== undefined,
    unit: unit?.toLowerCase() as ScaleUnit | undefined,
  }
}

function isParityConsistent(bytes: Uint8Array): boolean {
  if (!bytes.some((byte) => byte > sevenBits)) return true
  return new Set(Array.from(bytes, parityOf)).size === 1
}

function parityOf(byte: number): number {
  let parity = byte ^ (byte >> 4)
  parity ^= parity >> 2
  parity ^= parity >> 1
  return parity & 1
}

export interface WeightFormat {
  unit: 'auto' | ScaleUnit
  decimals: 'auto' | number
  /** The answer has ten times the resolution: one decimal more. */
  hiRes: boolean
}

export interface DecodedWeight {
  /** Decimal string with the scale's decimals, leading zeros off: `1.235`. */
  weight: string
  unit: ScaleUnit
}

/**
 * The weight in an answer, or why it is none. The language does not send the unit: without a setting three decimals mean
 * kilograms and two mean pounds, as the manual has it. A setting that the answer contradicts makes it invalid: a weight in
 * the wrong unit is worse than none.
 */
export function decodeWeight(
  answer: Extract<Answer, { kind: 'weight' }>,
  format: WeightFormat,
): DecodedWeight | { reason: string } {
  let { whole, decimals } = answer
  if (decimals === undefined) {
    if (format.decimals === 'auto') return { reason: 'the weight has no point; set decimals' }
    if (whole.length <= format.decimals) return { reason: 'the weight has too few digits' }
    decimals = whole.slice(whole.length - format.decimals)
    whole = whole.slice(0, whole.length - format.decimals)
  } else if (format.decimals !== 'auto' && decimals.length !== format.decimals) {
    return { reason: `the weight has ${decimals.length} decimals and not ${format.decimals}` }
  }
  const shownDecimals = decimals.length - (format.hiRes ? 1 : 0)
  const told = answer.unit ?? (shownDecimals === 3 ? 'kg' : shownDecimals === 2 ? 'lb' : undefined)
  const unit = format.unit === 'auto' ? told : format.unit
  if (unit === undefined)
    return { reason: `the unit cannot be told from ${decimals.length} decimals; set unit` }
  if (answer.unit !== undefined && answer.unit !== unit)
    return { reason: `the scale weighs in ${answer.unit}, not ${unit}` }
  const shown = whole.replace(/^0+(?=\d)/, '')
  return { weight: decimals === '' ? shown : `${shown}.${decimals}`, unit }
}
