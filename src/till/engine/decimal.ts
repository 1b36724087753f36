/** Exact fractions on BigInt: what prices, quantities and rates are computed with before anything is rounded. */
import { HubError } from '../../protocol/errors.ts'

/** n / d with d above zero; not always in lowest terms. */
export interface Rational {
  readonly n: bigint
  readonly d: bigint
}

/** nearest: ties away from zero. up: away from zero. down: toward zero. */
export type RoundingMethod = 'nearest' | 'up' | 'down'

const powers: readonly bigint[] = Array.from({ length: 25 }, (_, digits) => 10n ** BigInt(digits))

/** 10 to the power of `digits`, which is not negative. */
export const powerOfTen = (digits: number): bigint => powers[digits] ?? 10n ** BigInt(digits)

export const zero: Rational = { n: 0n, d: 1n }
export const one: Rational = { n: 1n, d: 1n }
/** One percent. */
export const percent: Rational = { n: 1n, d: 100n }

/** Reads "12", "-0.5", "1.990". Anything else is `till_invalid` with `path`. */
export function parseDecimal(text: string, path = 'decimal'): Rational {
  if (!/^-?\d{1,30}(\.\d{1,24})?$/.test(text))
    throw new HubError('till_invalid', { path, reason: `"${text.slice(0, 40)}" is not a decimal number` })
  const point = text.indexOf('.')
  if (point < 0) return { n: BigInt(text), d: 1n }
  return {
    n: BigInt(text.slice(0, point) + text.slice(point + 1)),
    d: powerOfTen(text.length - point - 1),
  }
}

export const fromInteger = (value: number | bigint): Rational => ({ n: BigInt(value), d: 1n })

/** Minor units as major ones: 1234 with 2 digits is 12.34. */
export const fromMinor = (amount: number, digits: number): Rational => ({
  n: BigInt(amount),
  d: powerOfTen(digits),
})

export function add(a: Rational, b: Rational): Rational {
  if (a.d === b.d) return { n: a.n + b.n, d: a.d }
  // Denominators grow to what they have in common, not to their product: sums of many lines would grow without end.
  if (a.d % b.d === 0n) return { n: a.n + b.n * (a.d / b.d), d: a.d }
  if (b.d % a.d === 0n) return { n: a.n * (b.d / a.d) + b.n, d: b.d }
  const common = commonDivisor(a.d, b.d)
  const [timesA, timesB] = [b.d / common, a.d / common]
  return { n: a.n * timesA + b.n * timesB, d: a.d * timesA }
}

export const negate = (a: Rational): Rational => ({ n: -a.n, d: a.d })
export const subtract = (a: Rational, b: Rational): Rational => add(a, negate(b))
export const multiply = (a: Rational, b: Rational): Rational => ({ n: a.n * b.n, d: a.d * b.d })
export const absolute = (a: Rational): Rational => (a.n < 0n ? negate(a) : a)

/** `b` is not zero. */
export function divide(a: Rational, b: Rational): Rational {
  if (b.n === 0n) throw new HubError('internal', { reason: 'division by zero' })
  return b.n < 0n ? { n: -a.n * b.d, d: a.d * -b.n } : { n: a.n * b.d, d: a.d * b.n }
}

/** -1, 0 or 1. */
export const sign = (a: Rational): number => (a.n < 0n ? -1 : a.n > 0n ? 1 : 0)

/** Below zero when a is less than b, 0 when they are equal. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.d === b.d ? a.n - b.n : a.n * b.d - b.n * a.d
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

export const sum = (values: Iterable<Rational>): Rational => {
  let total = zero
  for (const value of values) total = add(total, value)
  return total
}

/** The whole number that a value becomes. */
export function roundToInteger({ n, d }: Rational, method: RoundingMethod = 'nearest'): bigint {
  const whole = n / d
  const rest = n % d
  if (rest === 0n || method === 'down') return whole
  const away = n < 0n ? -1n : 1n
  if (method === 'up') return whole + away
  return 2n * (rest < 0n ? -rest : rest) >= d ? whole + away : whole
}

/** A multiple of `step`, which is above zero. */
export const roundToStep = (value: Rational, step: Rational, method: RoundingMethod = 'nearest'): Rational =>
  multiply(step, fromInteger(roundToInteger(divide(value, step), method)))

export const roundToDigits = (
  value: Rational,
  digits: number,
  method: RoundingMethod = 'nearest',
): Rational => {
  const d = powerOfTen(digits)
  return { n: roundToInteger({ n: value.n * d, d: value.d }, method), d }
}

/** As text, rounded to at most `decimals` decimals; zeros at the end go as long as `atLeast` decimals stay. */
export function toText(value: Rational, decimals: number, atLeast = 0): string {
  const { n } = roundToDigits(value, decimals)
  const digits = (n < 0n ? -n : n).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  let part = digits.slice(digits.length - decimals)
  while (part.length > atLeast && part.endsWith('0')) part = part.slice(0, -1)
  return `${n < 0n ? '-' : ''}${whole}${part === '' ? '' : `.${part}`}`
}

function commonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}
