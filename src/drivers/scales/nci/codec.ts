/**
 * The NCI / Weigh-Tronix language (SCP-01 and SCP-02 "ECR") as values. Pure.
 * Sources: Avery Weigh-Tronix 7821 user instructions, section 6.3; Mettler Toledo DIVA service manual, sections on SCP-01 and
 * SCP-02 (third and fourth status byte); Brecknell 67xx service manual (units, tare, unknown commands).
 */
import { enclosed, type Recogniser } from '../common/framer.ts'
import { inOunces, normalWeight } from '../common/weights.ts'

export const sevenBits = 0x7f
/** Longest answer from LF to ETX, in bytes. The longest known, pounds and ounces with five status bytes, has 28. */
export const answerBytesMax = 48

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

/** Upper-case letters with CR. */
export const requests = {
  weight: ascii('W\r'),
  highResolution: ascii('H\r'),
  status: ascii('S\r'),
  zero: ascii('Z\r'),
  tare: ascii('T\r'),
  /** Changes the unit of the display. */
  units: ascii('U\r'),
  /** No command of any dialect: answered as unknown, and by nothing else. */
  unknown: ascii('?\r'),
} as const

/** LF … ETX; the status is set off by an LF inside. */
export const recogniseAnswer: Recogniser = enclosed(0x0a, 0x03)

export type Dialect = 'scp-01' | 'scp-02'
export type NciUnit = 'kg' | 'g' | 'lb' | 'oz'

export interface NciStatus {
  motion: boolean
  zero: boolean
  under: boolean
  over: boolean
  /** undefined: the scale sends no third byte. */
  net: boolean | undefined
  initialZeroError: boolean
  /** Memory or calibration, for a person. */
  trouble: string | undefined
}

export type Answer =
  | { kind: 'weight'; weight: string; unit: NciUnit; status: NciStatus }
  /** The status alone, or a status and a display that shows no weight. */
  | { kind: 'status'; status: NciStatus; display: string | undefined }
  | { kind: 'unknown' }
  | { kind: 'invalid'; reason: string }

const invalid = (reason: string): Answer => ({ kind: 'invalid', reason })

/** Status bytes have bits 4 and 5 on; bit 6 says that one more follows. */
const statusPattern = '[\\x30-\\x3f\\x70-\\x7f]{2,6}'
const answerPattern = new RegExp(`^\\n(?:([^\\r\\n]{1,20})\\r\\n)?(S?)(${statusPattern})\\r\\x03$`)

/** Reads one answer with LF and ETX. Bit 7 (the parity of a 7-bit line) is dropped. */
export function parseAnswer(frame: Uint8Array, dialect: Dialect): Answer {
  const text = String.fromCharCode(...frame.map((byte) => byte & sevenBits))
  if (text === '\n?\r\x03') return { kind: 'unknown' }
  const [, display, letter, bytes] = answerPattern.exec(text) ?? []
  if (bytes === undefined) return invalid('an answer is a weight, a status or both')
  if (dialect === 'scp-02' && letter !== 'S') return invalid('a status of SCP-02 begins with S')
  const status = parseStatus(bytes)
  if (display === undefined) return { kind: 'status', status, display: undefined }
  if (dialect === 'scp-02' && !/^[ -\d][\d.]{5}[A-Z]{2}$/.test(display))
    return invalid('a weight of SCP-02 has six characters and a unit of two capitals')
  const weight = parseDisplay(display)
  return weight === undefined ? { kind: 'status', status, display } : { kind: 'weight', ...weight, status }
}

function parseStatus(bytes: string): NciStatus {
  const bit = (byte: number, number: number) => ((bytes.charCodeAt(byte) || 0) & (1 << number)) !== 0
  const troubles: [boolean, string][] = [
    [bit(0, 2), 'an error of its RAM'],
    [bit(0, 3), 'an error of its EEPROM'],
    [bit(1, 2), 'an error of its ROM'],
    [bit(1, 3), 'a faulty calibration'],
  ]
  return {
    motion: bit(0, 0),
    zero: bit(0, 1),
    under: bit(1, 0),
    over: bit(1, 1),
    net: bytes.length > 2 ? bit(2, 2) : undefined,
    initialZeroError: bytes.length > 2 && bit(2, 3),
    trouble: troubles.find(([on]) => on)?.[1],
  }
}

/** `0001.25lb`, `-00.005KG`, ` 2lb 05.3oz`. undefined: the display shows something else, as `------` when it cannot weigh. */
function parseDisplay(display: string): { weight: string; unit: NciUnit } | undefined {
  const [, pounds, ounces] = /^ *(\d{1,4}) ?lb *(\d{1,2}(?:\.\d{1,3})?) ?oz *$/i.exec(display) ?? []
  if (pounds !== undefined && ounces !== undefined) {
    const weight = inOunces(pounds, ounces)
    return weight === undefined ? undefined : { weight, unit: 'oz' }
  }
  const [, number = '', unit = ''] = /^([ \d.+-]{1,12}?) ?(kg|g|lb|oz) *$/i.exec(display) ?? []
  const weight = normalWeight(number)
  return weight === undefined ? undefined : { weight, unit: unit.toLowerCase() as NciUnit }
}
