/**
 * What Adam scales (AZextra, CBD) print when they are asked, and the line of A&D and others (`ST,+00123.45  g`), as values. Pure.
 * Sources: the Adam driver of Odoo's IoT box (P, 4800 8N1, no answer to zero or to an unchanged weight); CAS CI-400 owner's
 * manual, appendix 1, "18 bytes for AND". Not confirmed on hardware.
 */
import { textLine } from '../common/framer.ts'
import { normalWeight } from '../common/weights.ts'

/** Longest line with its LF, in bytes. */
export const answerBytesMax = 64

/** Lines end with CR LF; labels are printed as several lines. */
export const recogniseLine = textLine(0x0a, [0x0d])

/** A request is one letter and CR LF. */
export const request = (text: 'P' | 'Q' | 'Z' | 'T'): Uint8Array =>
  Uint8Array.from(`${text}\r\n`, (character) => character.charCodeAt(0))

export type AdamUnit = 'kg' | 'g' | 'lb' | 'oz'

export type Answer =
  | {
      kind: 'weight'
      weight: string
      unit: AdamUnit
      /** `OL` has a weight that means nothing. */
      state: 'stable' | 'moving' | 'over'
      /** undefined: the line does not say. */
      net: boolean | undefined
    }
  | { kind: 'invalid'; reason: string }

/** Reads a line of a label: the weight, whatever stands before it. undefined: another line of the label. */
export function parseLabel(frame: Uint8Array): Answer | undefined {
  const text = String.fromCharCode(...frame).trimEnd()
  const [, prefix = '', number = '', unit = ''] =
    /^([^\d+-]{0,24})([+-]? *\d[\d.]{0,11}) *(kg|g|lb|oz)$/i.exec(text) ?? []
  // Unit weights and the like of counting scales are no weights of the load.
  if (unit === '' || /u\.?\s*w|pcs|tare/i.test(prefix)) return undefined
  return weightOf(number, unit, 'stable', /\bn(et|t)?\b/i.test(prefix) ? true : undefined)
}

/** Reads a line of the A&D kind: header, perhaps gross or net, sign and weight, unit. */
export function parseHeaded(frame: Uint8Array): Answer {
  const text = String.fromCharCode(...frame).trimEnd()
  const [, header = '', mode, number = '', unit = ''] =
    /^(ST|US|OL|QT) *, *(?:(GS|NT) *,? *)?([+-]? *\d[\d.]{0,11}) *(kg|g|lb|oz)$/i.exec(text) ?? []
  if (header === '') {
    if (/^OL\b/.test(text)) return { kind: 'weight', weight: '0', unit: 'kg', state: 'over', net: undefined }
    return { kind: 'invalid', reason: 'a line is a header, a weight and a unit' }
  }
  // QT is a count of pieces.
  if (header.toUpperCase() === 'QT') return { kind: 'invalid', reason: 'the scale counts pieces' }
  const state = ({ ST: 'stable', US: 'moving', OL: 'over' } as const)[
    header.toUpperCase() as 'ST' | 'US' | 'OL'
  ]
  return weightOf(number, unit, state, mode === undefined ? undefined : mode.toUpperCase() === 'NT')
}

function weightOf(
  number: string,
  unit: string,
  state: 'stable' | 'moving' | 'over',
  net: boolean | undefined,
): Answer {
  const weight = normalWeight(number.replaceAll(' ', ''))
  if (weight === undefined) return { kind: 'invalid', reason: 'the weight is no number' }
  return { kind: 'weight', weight, unit: unit.toLowerCase() as AdamUnit, state, net }
}
