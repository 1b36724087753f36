/** Weights as exact decimal strings: reading digits, comparing, and making digits again. No floats anywhere. */

import type { Weight } from '../../../protocol/device.ts'

/** Longest weight that is read, in characters. */
export const weightCharsMax = 16

/** Places after the point that comparisons keep; more than any scale sends. */
const placesMax = 9

/**
 * A weight as scales write it (`+00.500`, ` 1.5`, `-0.20`, `.5`), as the decimal string of the protocol: leading zeros and plus
 * off, decimals kept, no minus before a zero. undefined: it is no number.
 */
export function normalWeight(text: string): string | undefined {
  if (text.length > weightCharsMax) return undefined
  const [, sign, whole = '', fraction] = /^\s*([+-]?)\s*(\d*)(?:\.(\d*))?\s*$/.exec(text) ?? []
  if (sign === undefined || (whole === '' && (fraction ?? '') === '')) return undefined
  const digits = whole.replace(/^0+(?=\d)/, '') || '0'
  const number = (fraction ?? '') === '' ? digits : `${digits}.${fraction}`
  return sign === '-' && !isZero(number) ? `-${number}` : number
}

/** `("01235", 3)` → `1.235`. undefined: they are not digits, or too few to hold the decimals. */
export function withPoint(digits: string, decimals: number): string | undefined {
  if (!/^\d+$/.test(digits) || digits.length <= decimals) return undefined
  const at = digits.length - decimals
  return normalWeight(`${digits.slice(0, at)}.${digits.slice(at)}`)
}

/** What people see of a weight: two that are equal in it are no change. */
export const shownOf = ({ weight, unit, tare, unitPrice, total }: Weight): string =>
  [weight, unit, tare, unitPrice, total].join(' ')

/** How many decimals a weight shows. */
export const decimalsOf = (weight: string): number => weight.split('.')[1]?.length ?? 0

/** True for `0.000`. */
export const isZero = (weight: string): boolean => /^-?[0.]+$/.test(weight)

/** True for `-0.005`; `-0.000` is zero. */
export const isNegative = (weight: string): boolean => weight.startsWith('-') && !isZero(weight)

/** Compares two decimal strings: is `weight` more than `limit`? */
export const isMoreThan = (weight: string, limit: string): boolean => scaled(weight) > scaled(limit)

/** True for `1.5` and `1.500`. */
export const isSameWeight = (one: string, other: string): boolean => scaled(one) === scaled(other)

function scaled(text: string): bigint {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? []
  const value = BigInt(whole + fraction.slice(0, placesMax).padEnd(placesMax, '0'))
  return sign === '-' ? -value : value
}

/** Exactly `digits` digits, `decimals` of them after the point that is not sent; undefined when they cannot hold it exactly. */
export function digitsOf(weight: string, digits: number, decimals: number): string | undefined {
  const [whole = '', fraction = ''] = weight.split('.')
  if (!/^\d+$/.test(whole) || !/^\d*$/.test(fraction)) return undefined
  const kept = fraction.replace(/0+$/, '')
  if (kept.length > decimals) return undefined
  const text = `${whole.replace(/^0+/, '')}${kept.padEnd(decimals, '0')}`
  return text.length > digits ? undefined : text.padStart(digits, '0')
}

/** Pounds and ounces together in ounces, with the decimals of the ounces: `("2", "05.3")` → `37.3`. */
export function inOunces(pounds: string, ounces: string): string | undefined {
  const value = normalWeight(ounces)
  if (value === undefined || !/^\d{1,6}$/.test(pounds)) return undefined
  const [whole = '0', fraction] = value.split('.')
  const all = String(BigInt(pounds) * 16n + BigInt(whole))
  return fraction === undefined ? all : `${all}.${fraction}`
}
