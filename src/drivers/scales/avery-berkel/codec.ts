/**
 * The Avery Berkel language as values: requests to bytes, answers to values. Pure.
 * Source: Ohaus Aviator service manual, section 6.1.2 (Berkel); Mettler Toledo DIVA service manual, section 6.1.5.
 */
import { withPoint } from '../common/weights.ts'

const stx = 0x02
const etx = 0x03

/** Answers of one byte. */
export const bytes = { ack: 0x06, can: 0x18, nak: 0x15, nothing: 0x00, compared: 0x0d } as const

/** STX, id, five digits, check byte, ETX. */
export const dataBytes = 9
export const dataShape: readonly (number | undefined)[] = [stx, ...Array<undefined>(7).fill(undefined), etx]

export type Bcc = 'xor' | 'xor-with-etx' | 'off'

export const requests = {
  /** ENQ: is there something to send? */
  enquiry: Uint8Array.of(0x05),
  /** DC1: send it. */
  data: Uint8Array.of(0x11),
  /** CR: received, and the same both times. */
  compared: Uint8Array.of(0x0d),
} as const

/** STX, a letter, five NUL, ETX and the check byte, which comes after ETX here and does not count it. */
function command(letter: string, bcc: Bcc): Uint8Array {
  const code = letter.charCodeAt(0)
  return Uint8Array.of(stx, code, 0, 0, 0, 0, 0, etx, bcc === 'xor-with-etx' ? code ^ etx : code)
}

export const zeroRequest = (bcc: Bcc): Uint8Array => command('Z', bcc)
export const tareRequest = (bcc: Bcc): Uint8Array => command('N', bcc)

export type Answer =
  | { kind: 'ack' | 'can' | 'nak' | 'nothing' | 'compared' }
  /** `id`: seven bits as they came; `digits`: five. */
  | { kind: 'data'; id: number; digits: string }
  | { kind: 'invalid'; reason: string }

const invalid = (reason: string): Answer => ({ kind: 'invalid', reason })

/** Bits of the id byte. Bits 3 and 5 are always one, so that the byte is no control character. */
export const idBits = { capacity: 0x07, outOfRange: 0x10, otherCapacity: 0x40, always: 0x28 } as const

export interface AnswerRules {
  /** Drops bit 7. */
  stripParity: boolean
  bcc: Bcc
}

/** Reads one control byte or a data frame from STX to ETX. */
export function parseAnswer(frame: Uint8Array, { stripParity, bcc }: AnswerRules): Answer {
  const plain = stripParity ? frame.map((byte) => byte & 0x7f) : frame
  if (plain.length === 1) {
    const kind = (Object.keys(bytes) as (keyof typeof bytes)[]).find((name) => bytes[name] === plain[0])
    return kind === undefined ? invalid('it is no control byte') : { kind }
  }
  if (plain.length !== dataBytes || plain[0] !== stx || plain[dataBytes - 1] !== etx)
    return invalid('it has not the form of an answer')
  const body = plain.slice(1, 7)
  const check = body.reduce((sum, byte) => sum ^ byte, bcc === 'xor-with-etx' ? etx : 0)
  if (bcc !== 'off' && check !== plain[7]) return invalid('its check byte is wrong')
  const id = body[0] ?? 0
  if (id > 0x7f || (id & idBits.always) !== idBits.always)
    return invalid('its id byte has not the bits that are always one')
  const digits = String.fromCharCode(...body.slice(1))
  return /^\d{5}$/.test(digits) ? { kind: 'data', id, digits } : invalid('a weight is five digits')
}

export interface WeightFormat {
  unit: 'auto' | 'kg' | 'lb'
  decimals: 'auto' | number
}

export type Decoded =
  | { kind: 'weight'; weight: string; unit: 'kg' | 'lb' }
  | { kind: 'over' | 'under' }
  | { kind: 'invalid'; reason: string }

/** 15 kg by 5 g, 30 lb by 0.01 lb, 6 kg by 2 g. */
const capacities: Readonly<Record<number, { unit: 'kg' | 'lb'; decimals: number }>> = {
  1: { unit: 'kg', decimals: 3 },
  2: { unit: 'lb', decimals: 2 },
  3: { unit: 'kg', decimals: 3 },
}

/**
 * The weight in an answer. The id byte tells unit and decimals by the capacity; for capacities that it does not name both have
 * to be set. One bit says under or over range: nothing shown is under, anything else is over.
 */
export function decodeData({ id, digits }: { id: number; digits: string }, format: WeightFormat): Decoded {
  if ((id & idBits.outOfRange) !== 0) return { kind: /^0+$/.test(digits) ? 'under' : 'over' }
  const known = (id & idBits.otherCapacity) === 0 ? capacities[id & idBits.capacity] : undefined
  if (known !== undefined && format.unit !== 'auto' && format.unit !== known.unit)
    return { kind: 'invalid', reason: `the scale weighs in ${known.unit}, not ${format.unit}` }
  const unit = format.unit === 'auto' ? known?.unit : format.unit
  const decimals = format.decimals === 'auto' ? known?.decimals : format.decimals
  if (unit === undefined || decimals === undefined)
    return {
      kind: 'invalid',
      reason: 'its capacity is not one that the language names; set unit and decimals',
    }
  const weight = withPoint(digits, decimals)
  return weight === undefined
    ? { kind: 'invalid', reason: 'it has too few digits' }
    : { kind: 'weight', weight, unit }
}
