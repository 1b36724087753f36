/**
 * The CAS languages as values: AP-1 (ENQ, ACK, DC1) and the 22-byte line of the indicators. Pure.
 * Sources: Ohaus Aviator 7000 service manual, "Format 1" and "Format 2", and Mettler Toledo DIVA service manual (the same, as
 * CAS); CAS CI-400 owner's manual, appendices 1 to 3 (22 bytes, commands of NT-500 and NT-570).
 */
import { either, fixed, type Recogniser, single } from '../common/framer.ts'
import { normalWeight, withPoint } from '../common/weights.ts'

const [soh, stx, etx, eot, ack, nak, cr, lf] = [0x01, 0x02, 0x03, 0x04, 0x06, 0x15, 0x0d, 0x0a] as const
const comma = 0x2c

export const casLimits = {
  /** Longest answer, in bytes: the one with price and total has 37. */
  answerBytesMax: 48,
  /** How often an ENQ that the scale refuses is repeated within one weighing. */
  naksMax: 3,
} as const

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

/** Of AP-1: are you there, the weight, weight with prices. */
export const requests = {
  enquiry: Uint8Array.of(0x05),
  weight: Uint8Array.of(0x11),
  prices: Uint8Array.of(0x12),
} as const

export type Commands = 'none' | 'nt500' | 'nt570'
const commandNames = {
  nt500: { weight: 'RW', zero: 'MZ', tare: 'MT' },
  nt570: { weight: 'KW', zero: 'KZ', tare: 'KT' },
} as const

/** A command of an indicator: its number as two digits, two letters, CR LF. */
export function command(set: 'nt500' | 'nt570', id: number, what: 'weight' | 'zero' | 'tare'): Uint8Array {
  return ascii(`${String(id).padStart(2, '0')}${commandNames[set][what]}\r\n`)
}

const any = (count: number): undefined[] => Array.from({ length: count }, () => undefined)
/** STA SIGN W6 UU BCC ETX behind its STX. */
const weightShape = [stx, ...any(11), etx]
const priceShape = [stx, ...any(9), etx]
const shortLine: Recogniser = (bytes) => {
  const [first] = bytes
  const isDigit = first !== undefined && first >= 0x30 && first <= 0x39
  if (isDigit) return fixed([undefined, undefined, undefined, undefined, cr, lf])(bytes)
  return first === 0x21 || first === 0x3f ? fixed([undefined, cr, lf])(bytes) : 'none'
}

/** Fixed lengths, because a check byte may have any value. */
export const recogniseAp1: Recogniser = either(
  single(ack, nak),
  fixed([soh, ...weightShape, eot]),
  fixed([soh, ...priceShape, ...weightShape, ...priceShape, eot]),
)

const state = [undefined, undefined]
const lineShape = fixed([
  ...state,
  comma,
  ...state,
  comma,
  ...state,
  comma,
  ...any(8),
  undefined,
  ...state,
  cr,
  lf,
])
export const recogniseLine: Recogniser = either(
  // S, U, O: a line that starts otherwise is none, so that a cut one is passed over quickly.
  (bytes) => ([0x53, 0x55, 0x4f].includes(bytes[0] ?? 0) ? lineShape(bytes) : 'none'),
  shortLine,
)

export type CasUnit = 'kg' | 'g' | 'lb' | 'oz'

export interface CasWeight {
  kind: 'weight'
  weight: string
  unit: CasUnit
  stable: boolean
  net: boolean
  /** Undefined: the language does not say. */
  zero: boolean | undefined
  over: boolean
  unitPrice?: string
  total?: string
}

export type Answer =
  | CasWeight
  | { kind: 'ack' }
  | { kind: 'nak' }
  /** An indicator sent a command back: it did it. */
  | { kind: 'taken'; command: string }
  /** `!`: it could not; `?`: it does not know. */
  | { kind: 'refused'; known: boolean }
  | { kind: 'invalid'; reason: string }

const invalid = (reason: string): Answer => ({ kind: 'invalid', reason })

/** XOR of the bytes between STX and the check byte. */
export const blockCheck = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum ^ byte, 0)

/** Reads an answer of AP-1. `priceDecimals` is for prices without a point. */
export function parseAp1(frame: Uint8Array, priceDecimals: number): Answer {
  if (frame.length === 1) return { kind: frame[0] === ack ? 'ack' : 'nak' }
  const blocks =
    frame.length === 15
      ? [frame.slice(1, 14)]
      : [frame.slice(1, 12), frame.slice(12, 25), frame.slice(25, 36)]
  const contents: string[] = []
  for (const block of blocks) {
    const content = block.slice(1, -2)
    if (blockCheck(content) !== block.at(-2)) return invalid('the check byte does not fit')
    contents.push(String.fromCharCode(...content))
  }
  const [first = '', second, third] = contents
  if (second === undefined || third === undefined) return parseWeightBlock(first)
  const weight = parseWeightBlock(second)
  if (weight.kind !== 'weight') return weight
  const [total, unitPrice] = [parsePrice(first, priceDecimals), parsePrice(third, priceDecimals)]
  if (total === undefined || unitPrice === undefined) return invalid('a price is eight digits')
  return { ...weight, unitPrice, total }
}

/** STA, SIGN, six characters of weight, two of unit. */
function parseWeightBlock(text: string): CasWeight | Extract<Answer, { kind: 'invalid' }> {
  const bad = (reason: string) => ({ kind: 'invalid', reason }) as const
  const [, sta, sign = '', number = '', unitText = ''] = /^([SU])([ \-F])(.{6})(.{2})$/s.exec(text) ?? []
  if (sta === undefined) return bad('a weight begins with S or U and a sign')
  const unit = unitOf(unitText)
  if (unit === undefined) return bad('the unit is not one of kg, g, lb and oz')
  const base = { kind: 'weight', unit, stable: sta === 'S', net: false, zero: undefined } as const
  // What stands in the place of the weight of an overload is not said.
  if (sign === 'F') return { ...base, weight: '0', over: true }
  const weight = normalWeight(sign + number.trim())
  if (weight === undefined || !/\d/.test(number)) return bad('the weight is no number')
  return { ...base, weight, over: false }
}

function parsePrice(text: string, decimals: number): string | undefined {
  const number = text.trim()
  if (/^\d+$/.test(number)) return withPoint(number.padStart(decimals + 1, '0'), decimals)
  return /^\d*\.\d+$/.test(number) ? normalWeight(number) : undefined
}

/** Lamp bits of the 22-byte line: 6 stable, 4 hold, 3 printer, 2 gross, 1 tare, 0 zero. */
const lampZero = 0x01

/** Reads a line of an indicator, with its CR LF. */
export function parseLine(frame: Uint8Array): Answer {
  const text = String.fromCharCode(...frame)
  if (text === '!\r\n' || text === '?\r\n') return { kind: 'refused', known: text.startsWith('!') }
  if (frame.length === 6) return { kind: 'taken', command: text.slice(0, 4) }
  const [, status, mode, number = '', unitText = ''] =
    /^(ST|US|OL),(GS|NT),.{2},(.{8}) (.{2})\r\n$/s.exec(text) ?? []
  if (status === undefined) return invalid('a line is ST, US or OL, GS or NT, lamps, weight and unit')
  const unit = unitOf(unitText)
  if (unit === undefined) return invalid('the unit is not one of kg, g, lb and oz')
  const lamp = frame[7] ?? 0
  const base = { kind: 'weight', unit, stable: status === 'ST', net: mode === 'NT' } as const
  if (status === 'OL') return { ...base, weight: '0', over: true, zero: false }
  const weight = normalWeight(number)
  if (weight === undefined) return invalid('the weight is no number')
  return { ...base, weight, over: false, zero: (lamp & lampZero) !== 0 }
}

function unitOf(text: string): CasUnit | undefined {
  const unit = text.trim().toLowerCase()
  return ['kg', 'g', 'lb', 'oz'].includes(unit) ? (unit as CasUnit) : undefined
}
