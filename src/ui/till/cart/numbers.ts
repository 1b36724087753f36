/** The number that is typed for a line: which keys it takes, and what it comes to as a quantity, a price or a discount. */
import { fromE6, roundE6, toE6 } from '../../../till/engine/millionths.ts'
import type { KeypadKey, KeypadMode } from '../contract.ts'

export const keypadLimits = {
  /** Characters of the buffer, sign and decimal sign counted. */
  charsMax: 13,
  /** Digits before the decimal sign that the wire takes. */
  wholeMax: 9,
  /** Decimals of a quantity. */
  quantityDecimalsMax: 6,
  /** Decimals of a discount. */
  discountDecimalsMax: 4,
} as const

const hundredE6 = 100_000_000

/** The buffer after a key of digits or the decimal sign; the same one when it has no room for it. */
export function typed(buffer: string, key: KeypadKey, decimalsMax: number): string {
  if (key === 'decimal') {
    const can = decimalsMax > 0 && !buffer.includes('.') && buffer.length < keypadLimits.charsMax - 1
    return can ? `${/\d$/.test(buffer) ? buffer : `${buffer}0`}.` : buffer
  }
  const next = /^-?0$/.test(buffer) ? buffer.replace('0', key) : buffer + key
  const [whole = '', decimals = ''] = next.replace('-', '').split('.')
  const fits =
    next.length <= keypadLimits.charsMax &&
    whole.length <= keypadLimits.wholeMax &&
    decimals.length <= decimalsMax
  return fits ? next : buffer
}

export const turned = (buffer: string): string => (buffer.startsWith('-') ? buffer.slice(1) : `-${buffer}`)

export function decimalsOf(mode: KeypadMode, priceDigits: number): number {
  if (mode === 'price') return priceDigits
  return mode === 'discount' ? keypadLimits.discountDecimalsMax : keypadLimits.quantityDecimalsMax
}

/** What was typed as decimal text; 0 for what is no number yet. */
export function numberOf(buffer: string): string {
  const text = buffer.endsWith('.') ? buffer.slice(0, -1) : buffer
  return /^-?\d+(\.\d+)?$/.test(text) ? fromE6(toE6(text)) : '0'
}

/** In steps of the unit, half away from zero; text that is no quantity is none. */
export const inSteps = (quantity: string, step: string): string =>
  fromE6(roundE6(toE6(numberOf(quantity)), toE6(step)))

/** From 0 to 100, with as many decimals as the wire takes. */
export function clampedDiscount(text: string): string {
  const e6 = toE6(numberOf(text))
  const step = 10 ** (6 - keypadLimits.discountDecimalsMax)
  return fromE6(Math.min(hundredE6, Math.max(0, roundE6(e6, step))))
}

export const plus = (a: string, b: string): string => fromE6(toE6(a) + toE6(b))
export const minus = (a: string): string => fromE6(-toE6(a))
export const isZero = (text: string): boolean => toE6(text) === 0
export const isNegative = (text: string): boolean => toE6(text) < 0

/** Exact for what fits a quantity, and cut to its decimals. */
export function times(a: string, b: string): string {
  const product = BigInt(toE6(a)) * BigInt(toE6(b))
  return fromE6(Number(product / 1_000_000n))
}
