/** Names of symbologies, and how a code tells its own: AIM identifiers (ISO/IEC 15424), or length and check digit. */
import { hasCheckDigit } from './gs1.ts'

export const symbologies = [
  'ean13',
  'ean13-addon2',
  'ean13-addon5',
  'ean8',
  'ean-addon2',
  'ean-addon5',
  'upca',
  'upca-addon2',
  'upca-addon5',
  'upce',
  'code128',
  'gs1-128',
  'code39',
  'code93',
  'code11',
  'code16k',
  'codabar',
  'codablock',
  'itf',
  'code25',
  'msi',
  'plessey',
  'telepen',
  'gs1-databar',
  'gs1-composite',
  'pdf417',
  'maxicode',
  'qr',
  'gs1-qr',
  'datamatrix',
  'gs1-datamatrix',
  'aztec',
  'gs1-aztec',
  'dotcode',
  'gs1-dotcode',
  'hanxin',
] as const
export type Symbology = (typeof symbologies)[number]

/** Those that carry GS1 element strings. */
export function carriesGs1(symbology: Symbology): boolean {
  return symbology.startsWith('gs1-')
}

/** By the letter of an AIM identifier. E depends on the length; X is "other" and tells nothing by itself. */
const byLetter: Readonly<Record<string, Symbology>> = {
  A: 'code39',
  B: 'telepen',
  C: 'code128',
  F: 'codabar',
  G: 'code93',
  H: 'code11',
  I: 'itf',
  J: 'dotcode',
  K: 'code16k',
  L: 'pdf417',
  M: 'msi',
  O: 'codablock',
  P: 'plessey',
  Q: 'qr',
  R: 'code25',
  S: 'code25',
  U: 'maxicode',
  d: 'datamatrix',
  e: 'gs1-composite',
  h: 'hanxin',
  z: 'aztec',
}

/** Identifiers that say more than their letter. GS1: FNC1 stands in the first place. */
const byIdentifier: Readonly<Record<string, Symbology>> = {
  C1: 'gs1-128',
  J1: 'gs1-dotcode',
  Q3: 'gs1-qr',
  Q4: 'gs1-qr',
  d2: 'gs1-datamatrix',
  e0: 'gs1-databar',
  z1: 'gs1-aztec',
  z4: 'gs1-aztec',
  z7: 'gs1-aztec',
  zA: 'gs1-aztec',
  // Zebra, for codes that it sends as "other".
  Xg: 'upca',
  Xr: 'gs1-databar',
  Xs: 'gs1-databar',
  Xt: 'gs1-databar',
  X9: 'ean13',
  XC: 'ean8',
}

/** E0 says EAN-13, UPC-A or UPC-E, E3 one of them with an add-on: only the number of digits tells which. */
const eanByChars: Readonly<Record<string, Readonly<Record<number, Symbology>>>> = {
  E0: { 13: 'ean13', 12: 'upca', 8: 'upce' },
  E1: { 2: 'ean-addon2' },
  E2: { 5: 'ean-addon5' },
  E3: { 15: 'ean13-addon2', 18: 'ean13-addon5', 14: 'upca-addon2', 17: 'upca-addon5' },
  E4: { 8: 'ean8' },
}

export interface AimRead {
  /** The code without its identifier. */
  code: string
  symbology: Symbology | undefined
  /** False when there was no identifier. */
  marked: boolean
}

/** Takes an AIM identifier (`]`, letter, modifier) off a code. Letters that no symbology has are left to be part of the code. */
export function readAim(text: string): AimRead {
  const [, letter = '', modifier = ''] = /^\]([A-Za-z])([0-9A-Za-z])/.exec(text) ?? []
  const identifier = letter + modifier
  if (letter !== 'E' && letter !== 'X' && !Object.hasOwn(byLetter, letter)) {
    return { code: text, symbology: undefined, marked: false }
  }
  const code = text.slice(3)
  const ean = eanByChars[identifier]
  const symbology =
    ean === undefined
      ? (byIdentifier[identifier] ?? byLetter[letter])
      : isDigits(code)
        ? ean[code.length]
        : undefined
  return { code, symbology, marked: true }
}

/** Names that need the number of digits: a maker's mark says EAN-13 for one with an add-on, too. */
const bySizes: Partial<Readonly<Record<Symbology, Readonly<Record<number, Symbology>>>>> = {
  ean13: { 13: 'ean13', 15: 'ean13-addon2', 18: 'ean13-addon5' },
  upca: { 12: 'upca', 14: 'upca-addon2', 17: 'upca-addon5' },
  ean8: { 8: 'ean8' },
}

/** The symbology that a maker's mark says, by the digits of the code; undefined for EAN and UPC of another length than theirs. */
export function bySize(symbology: Symbology, code: string): Symbology | undefined {
  const sizes = bySizes[symbology]
  return sizes === undefined ? symbology : isDigits(code) ? sizes[code.length] : undefined
}

/** True for what can be EAN-13, UPC-A, EAN-8 or UPC-E by its length and check digit. */
export function isRetail(code: string): boolean {
  return isDigits(code) && [8, 12, 13].includes(code.length) && (hasCheckDigit(code) || isUpcE(code))
}

/** The symbology of a code that nothing marks, where length and check digit leave one: EAN-13, UPC-A, EAN-8. */
export function guessSymbology(code: string): Symbology | undefined {
  if (!isDigits(code) || !hasCheckDigit(code)) return undefined
  if (code.length === 13) return 'ean13'
  if (code.length === 12) return 'upca'
  return code.length === 8 && !isUpcE(code) ? 'ean8' : undefined
}

/** UPC-E has eight digits too; its check digit is that of the UPC-A it stands for (GS1 General Specifications, 5.2.2.4.2). */
export function isUpcE(code: string): boolean {
  if (!/^[01]\d{7}$/.test(code)) return false
  const [system = '', a, b, c, d, e, last, check] = code
  const item =
    last === '0' || last === '1' || last === '2'
      ? `${a}${b}${last}0000${c}${d}${e}`
      : last === '3'
        ? `${a}${b}${c}00000${d}${e}`
        : last === '4'
          ? `${a}${b}${c}${d}00000${e}`
          : `${a}${b}${c}${d}${e}0000${last}`
  return hasCheckDigit(`${system}${item}${check}`)
}

const isDigits = (text: string): boolean => /^\d+$/.test(text)
