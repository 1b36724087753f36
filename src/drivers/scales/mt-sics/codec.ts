/**
 * MT-SICS level 0 and 1, and the Ohaus commands, as values. Pure.
 * Sources: Mettler Toledo, MT-SICS reference manual (level 0 and 1: S, SI, Z, T, TA, TAC, I2, I4, ES, ET, EL); Ohaus Ranger
 * RC and RP instruction manuals, section 5 (IP, P, Z, T, xT and the line of a weight).
 */
import { textLine } from '../common/framer.ts'
import { normalWeight } from '../common/weights.ts'

/** Longest answer with its LF, in bytes; the longest are texts of I2 and I4. */
export const answerBytesMax = 96

/** Answers are lines that end with CR LF. */
export const recogniseLine = textLine(0x0a, [0x0d])

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

/** A request is a command and CR LF. */
export const request = (text: string): Uint8Array => ascii(`${text}\r\n`)

export type SicsUnit = 'kg' | 'g' | 'lb' | 'oz'
/** Commands whose answers begin with their own name. */
export type Command = 'S' | 'SI' | 'Z' | 'ZI' | 'T' | 'TI' | 'TA' | 'TAC' | 'I2' | 'I4'

export type Answer =
  | { kind: 'weight'; weight: string; unit: SicsUnit; stable: boolean; net: boolean }
  | { kind: 'over' }
  | { kind: 'under' }
  /** `I`: it understood and cannot do it now. */
  | { kind: 'busy'; command: string }
  /** Zero or tare was done; a tare says which. */
  | { kind: 'taken'; command: string; weight: string | undefined; unit: SicsUnit | undefined }
  | { kind: 'text'; command: 'I2' | 'I4'; text: string }
  /** `ES` syntax, `ET` transmission, `EL` the parameter or the command is not for this model. */
  | { kind: 'error'; error: 'ES' | 'ET' | 'EL' }
  | { kind: 'invalid'; reason: string }

const invalid = (reason: string): Answer => ({ kind: 'invalid', reason })

/** Reads a line of MT-SICS, with its CR LF. */
export function parseSics(frame: Uint8Array): Answer {
  const line = String.fromCharCode(...frame).trimEnd()
  if (line === 'ES' || line === 'ET' || line === 'EL') return { kind: 'error', error: line }
  const [, info, text] = /^(I2|I4) A "([^"]*)"?$/.exec(line) ?? []
  if (info !== undefined) return { kind: 'text', command: info as 'I2' | 'I4', text: text ?? '' }
  const [, command, state, rest = ''] =
    /^(S|Z|ZI|T|TI|TA|TAC|I2|I4) ([SDIAL+-])(?: +(.{1,24}))?$/.exec(line) ?? []
  if (command === undefined || state === undefined) return invalid('a line is not in the language')
  if (state === 'L') return { kind: 'error', error: 'EL' }
  if (state === '+') return { kind: 'over' }
  if (state === '-') return { kind: 'under' }
  if (state === 'I') return { kind: 'busy', command }
  const value = rest === '' ? undefined : parseWeight(rest)
  if (command === 'S') {
    if (value === undefined)
      return invalid('the weight is no number, or its unit is not one of kg, g, lb and oz')
    // SICS shows net weights always; whether there is a tare is another question.
    return { kind: 'weight', ...value, stable: state === 'S', net: false }
  }
  if (rest !== '' && value === undefined)
    return invalid('a tare has a unit that is not one of kg, g, lb and oz')
  return { kind: 'taken', command, weight: value?.weight, unit: value?.unit }
}

/** Reads a line of an Ohaus scale: sign, weight, unit, `?` when it moves, `N` or `NET` after a tare. */
export function parseOhaus(frame: Uint8Array): Answer {
  const line = String.fromCharCode(...frame).trimEnd()
  if (line.trim() === 'ES') return { kind: 'error', error: 'ES' }
  const [, number = '', unit = '', moving, mode] =
    /^ *(-? *[\d.]{1,12}) +(kg|g|lb|oz)\b *(\?)? *(N|NET|G|B\/G|GROSS)? *$/i.exec(line) ?? []
  const value = parseWeight(`${number.replaceAll(' ', '')} ${unit}`)
  if (value === undefined) return invalid('a line is no weight')
  return {
    kind: 'weight',
    ...value,
    stable: moving === undefined,
    net: /^(N|NET)$/i.test(mode ?? ''),
  }
}

function parseWeight(text: string): { weight: string; unit: SicsUnit } | undefined {
  const [, number = '', unit = ''] = /^ *(-?[\d.]{1,12}) +([a-zA-Z]{1,3}) *$/.exec(text) ?? []
  const weight = normalWeight(number)
  const known = unit.toLowerCase()
  if (weight === undefined || !['kg', 'g', 'lb', 'oz'].includes(known)) return undefined
  return { weight, unit: known as SicsUnit }
}
