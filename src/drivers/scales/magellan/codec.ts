/**
 * The Magellan single-cable interface as values: requests to bytes, messages to weights and labels. Pure.
 * Source: Datalogic Magellan programming and reference guides; public drivers of the interface for what comes in.
 */
import type { Scan } from '../../../protocol/device.ts'
import { controlText } from '../../framing/controls.ts'
import { readScan } from '../../framing/scan.ts'
import { decodeText } from '../../framing/text.ts'
import { withPoint } from '../common/weights.ts'
import type { MagellanSettings } from './settings.ts'

type Framing = Pick<MagellanSettings, 'start' | 'end'>

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

/** `S14` CR with the start and end that are set; also for commands, whose S stands for the start. */
export function request(command: string, { start, end }: Framing): Uint8Array {
  return ascii(`${controlText(start)}${command.replace(/^S/, '')}${controlText(end)}`)
}

/** The bytes that end a message. */
export const endBytes = ({ end }: Framing): number[] => [...ascii(controlText(end))]

export type Answer =
  | { kind: 'weight'; digits: string }
  | { kind: 'zero' | 'motion' | 'over' | 'under' | 'not_zeroed' }
  | { kind: 'invalid'; reason: string }

/** By the digit after `S14`. */
const states: Readonly<Record<string, Exclude<Answer['kind'], 'weight' | 'invalid'>>> = {
  '0': 'not_zeroed',
  '1': 'motion',
  '2': 'over',
  '3': 'zero',
  '5': 'under',
}

/** A message as text. */
export function textOf(message: Uint8Array, stripParity: boolean): string {
  return decodeText(stripParity ? message.map((byte) => byte & 0x7f) : message, 'utf-8')
}

/** What stands behind the start of a message, or undefined when it begins with something else. */
function bodyOf(text: string, { start }: Framing): string | undefined {
  const begin = controlText(start)
  return text.startsWith(begin) ? text.slice(begin.length) : undefined
}

/** Reads a message without its end as the answer of the scale to `ask`. */
export function parseAnswer(text: string, settings: Framing & Pick<MagellanSettings, 'ask'>): Answer {
  const body = bodyOf(text, settings)
  const question = settings.ask.slice(1)
  if (body === undefined || !body.startsWith(question))
    return { kind: 'invalid', reason: 'it is no answer of the scale' }
  const rest = body.slice(question.length)
  if (settings.ask === 'S11') {
    return /^\d{4,5}$/.test(rest)
      ? { kind: 'weight', digits: rest }
      : { kind: 'invalid', reason: 'a weight is four or five digits' }
  }
  const state = states[rest[0] ?? '']
  if (state !== undefined && /^\d0*$/.test(rest)) return { kind: state }
  const [, digits] = /^4(\d{4,5})$/.exec(rest) ?? []
  return digits === undefined
    ? { kind: 'invalid', reason: 'it is no state of the scale' }
    : { kind: 'weight', digits }
}

/** True for everything that can only be from the scale: S11 or S14 and digits. */
const isAnswer = (body: string): boolean => /^1[14]\d{1,6}$/.test(body)

/**
 * What a label holds, without start and prefix: undefined for what is no label. With a prefix nothing else is one; without, all
 * that is no answer.
 */
export function labelOf(
  text: string,
  settings: Framing & Pick<MagellanSettings, 'label'>,
): string | undefined {
  const body = bodyOf(text, settings)
  if (settings.label !== '')
    return body?.startsWith(settings.label) === true ? body.slice(settings.label.length) : undefined
  if (body !== undefined && isAnswer(body)) return undefined
  return body ?? text
}

/** The scan in a label, or undefined when there is nothing in it but a mark. AIM identifiers are marks as the others. */
export function decodeLabel(
  label: string,
  { codeIds, gsCharacters }: Pick<MagellanSettings, 'codeIds' | 'gsCharacters'>,
): Scan | undefined {
  return readScan(label, { prefixes: [], aim: 'off', codeIds, gsCharacters })
}

export interface DecodedWeight {
  weight: string
  unit: 'kg' | 'lb'
}

/** Four digits are hundredths of a pound, five are grams, unless the settings say so otherwise; what they contradict is no weight. */
export function decodeWeight(
  digits: string,
  { unit, decimals }: Pick<MagellanSettings, 'unit' | 'decimals'>,
): DecodedWeight | { reason: string } {
  const told = digits.length === 4 ? 'lb' : 'kg'
  // With both set, the number of digits says nothing.
  if (unit !== 'auto' && decimals === 'auto' && unit !== told)
    return { reason: `${digits.length} digits are not a weight in ${unit}; set decimals if they are` }
  const inUnit = unit === 'auto' ? told : unit
  const weight = withPoint(digits, decimals === 'auto' ? (inUnit === 'kg' ? 3 : 2) : decimals)
  return weight === undefined ? { reason: 'the weight has too few digits' } : { weight, unit: inUnit }
}

/** The weight of an empty scale, which sends no digits with it. */
export function zeroWeight(unit: 'kg' | 'lb', decimals: 'auto' | number): DecodedWeight {
  const places = decimals === 'auto' ? (unit === 'kg' ? 3 : 2) : decimals
  return { weight: places === 0 ? '0' : `0.${'0'.repeat(places)}`, unit }
}
