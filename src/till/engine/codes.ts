/** What a scanned code means: by the patterns of the shop, by the equality of EAN and UPC, and by GS1. */
import type { NomenclatureRule } from '../../protocol/till/catalogue.ts'
import { readGs1 } from './codes-gs1.ts'

export interface CodeReading {
  kind: 'product' | 'customer' | 'employee' | 'discount' | 'receipt'
  /** What to look for, the likeliest first. Empty for a discount. */
  lookups: readonly string[]
  quantity?: string
  /** What `quantity` counts: kg of a scale's label or GS1, pieces of GS1. Absent: the unit of the product. */
  measure?: 'kg' | 'count'
  /** Of one unit; counts as set by hand. */
  price?: string
  /** In percent, for the last line. */
  discount?: string
  lot?: string
  serial?: string
}

/** What a shop without rules of its own reads by: the store's numbers of EAN-13, then everything is a product. */
export const defaultCodeRules: readonly NomenclatureRule[] = [
  { id: 'weight', sequence: 13, kind: 'weight', pattern: '21.....{NNDDD}', encoding: 'ean13' },
  { id: 'price', sequence: 14, kind: 'price', pattern: '23.....{NNNDD}', encoding: 'ean13' },
  { id: 'discount', sequence: 20, kind: 'discount', pattern: '22{NN}', encoding: 'any' },
  { id: 'customer', sequence: 40, kind: 'customer', pattern: '042', encoding: 'any' },
  { id: 'employee', sequence: 50, kind: 'employee', pattern: '041', encoding: 'any' },
  { id: 'product', sequence: 90, kind: 'product', pattern: '.*', encoding: 'any' },
]

const receiptReference = /^[A-Z0-9]{1,6}-\d{1,3}-\d{6,}$/

/**
 * Every meaning of a code, the likeliest first: GS1 when it names a product, then each rule that fits, by sequence. Whoever looks
 * up goes on to the next meaning where nothing is found, so that a UPC that begins like a badge is still sold. Never throws.
 */
export function readCode(code: string, rules: readonly NomenclatureRule[]): CodeReading[] {
  const readings: CodeReading[] = []
  const gs1 = readGs1(code)
  if (gs1 !== undefined) {
    const { gtin, ...rest } = gs1
    readings.push({ kind: 'product', lookups: equals(gtin), ...rest })
  }
  const sorted = [...(rules.length === 0 ? defaultCodeRules : rules)].sort(
    (a, b) => a.sequence - b.sequence || (a.id < b.id ? -1 : 1),
  )
  for (const rule of sorted) {
    const reading = readBy(rule, code)
    if (reading !== undefined) readings.push(reading)
  }
  if (receiptReference.test(code)) readings.push({ kind: 'receipt', lookups: [code] })
  return readings
}

function readBy(rule: NomenclatureRule, code: string): CodeReading | undefined {
  const text = encoded(rule.encoding, code)
  const match = text === undefined ? undefined : matchPattern(rule.pattern, text)
  if (text === undefined || match === undefined) return undefined
  const { value } = match
  const lookups = value === undefined ? equals(text) : equals(...zeroed(text, match))
  switch (rule.kind) {
    case 'product':
    case 'customer':
    case 'employee':
    case 'receipt':
      return { kind: rule.kind, lookups }
    case 'discount':
      // More than everything cannot be taken off.
      return value === undefined
        ? undefined
        : { kind: 'discount', lookups: [], discount: value.length > 2 && Number(value) > 100 ? '100' : value }
    case 'weight':
      return { kind: 'product', lookups, ...(isValue(value) && { quantity: value, measure: 'kg' as const }) }
    case 'quantity':
      return { kind: 'product', lookups, ...(isValue(value) && { quantity: value }) }
    case 'price':
      return { kind: 'product', lookups, ...(isValue(value) && { quantity: '1', price: value }) }
  }
}

/** Zeros in the place of the value are the product itself: it is still to be weighed or priced. */
const isValue = (value: string | undefined): value is string => value !== undefined && /[1-9]/.test(value)

interface PatternMatch {
  /** As decimal text; absent where the pattern has no value. */
  value?: string
  /** Where its digits are in the code. */
  start: number
  end: number
}

/** Patterns fit the beginning of a code. A pattern that makes no sense fits nothing. */
function matchPattern(pattern: string, code: string): PatternMatch | undefined {
  const [, before = '', whole, decimals = '', after = ''] =
    /^([^{}]*)(?:\{(N*)(D*)\})?([^{}]*)$/.exec(pattern) ?? []
  if (!/^[^{}]*(\{N*D*\})?[^{}]*$/.test(pattern) || (before === '' && whole === undefined)) return undefined
  const digits = whole === undefined ? 0 : whole.length + decimals.length
  const start = matchPlain(before, code, 0)
  if (start === undefined || (whole !== undefined && digits === 0)) return undefined
  const end = start + digits
  const value = code.slice(start, end)
  if (value.length !== digits || !/^\d*$/.test(value)) return undefined
  if (matchPlain(after, code, end) === undefined) return undefined
  if (whole === undefined) return { start, end }
  return { start, end, value: decimalText(value.slice(0, whole.length), value.slice(whole.length)) }
}

/** Where the code goes on after it, or undefined. */
function matchPlain(pattern: string, code: string, from: number): number | undefined {
  let at = from
  for (let index = 0; index < pattern.length; index++) {
    const wanted = pattern[index]
    if (wanted === '.' && pattern[index + 1] === '*') return code.length
    if (at >= code.length || (wanted !== '.' && wanted !== code[at])) return undefined
    at++
  }
  return at
}

function decimalText(whole: string, decimals: string): string {
  const front = whole.replace(/^0+(?=\d)/, '') || '0'
  return decimals === '' ? front : `${front}.${decimals}`
}

/** The code in the form that the rule asks for; undefined when it is none of that kind. */
function encoded(encoding: NomenclatureRule['encoding'], code: string): string | undefined {
  if (encoding === 'any') return code
  if (encoding === 'ean8') return code.length === 8 && isGtin(code) ? code : undefined
  const ean = code.length === 12 ? `0${code}` : code
  return ean.length === 13 && isGtin(ean) ? ean : undefined
}

/** The code with its value taken out: with its check digit made anew, and as it stands. */
function zeroed(code: string, { start, end }: PatternMatch): string[] {
  const base = code.slice(0, start) + '0'.repeat(end - start) + code.slice(end)
  return isGtin(code) ? [base.slice(0, -1) + checkDigit(base.slice(0, -1)), base] : [base]
}

/** The codes and what the same number looks like in other symbols: UPC-A is an EAN-13 that begins with 0, EAN-8 one of five. */
function equals(...codes: readonly string[]): string[] {
  const all = new Set(codes)
  for (const code of codes) {
    if (!isGtin(code)) continue
    const gtin = code.padStart(14, '0')
    // A GTIN-14 of a case is another thing than the piece in it; only one that begins with 0 is the piece itself.
    for (const digits of [13, 12, 8, 14]) {
      if (gtin.slice(0, 14 - digits) === '0'.repeat(14 - digits)) all.add(gtin.slice(14 - digits))
    }
  }
  return [...all]
}

/** Mod 10 of GS1: the digit before the check digit counts three times, the next once, and so on. */
export function checkDigit(digits: string): string {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    sum += Number(digits[digits.length - 1 - index]) * (index % 2 === 0 ? 3 : 1)
  }
  return String((10 - (sum % 10)) % 10)
}

function isGtin(code: string): boolean {
  return /^(\d{8}|\d{12,14})$/.test(code) && checkDigit(code.slice(0, -1)) === code.slice(-1)
}
