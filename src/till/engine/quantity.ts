/** Quantities: rounded to the step of their unit, and from one unit into another. */
import { HubError } from '../../protocol/errors.ts'
import type { Unit } from '../../protocol/till/catalogue.ts'
import { divide, multiply, parseDecimal, type Rational, roundToStep, sign, toText } from './decimal.ts'

/** Decimals that a quantity has at most, on the wire and in the store. */
export const quantityDigits = 6

export const quantityText = (value: Rational): string => toText(value, quantityDigits)

/** To the nearest multiple of the unit's step, half away from zero. */
export function roundQuantity(quantity: string, unit: Pick<Unit, 'rounding'>): string {
  return quantityText(rounded(parseDecimal(quantity, 'quantity'), unit))
}

/** How many of `to` a quantity of `from` is, rounded to the step of `to`. Throws `till_invalid` when they do not measure the same. */
export function convert(quantity: string, from: Unit, to: Unit): string {
  const factors = [parseDecimal(from.factor, 'factor'), parseDecimal(to.factor, 'factor')] as const
  if (from.category !== to.category || factors.some((factor) => sign(factor) <= 0)) {
    const reason = `${from.name} (${from.category}) does not convert into ${to.name} (${to.category})`
    throw new HubError('till_invalid', { path: 'unit', reason })
  }
  const exact = divide(multiply(parseDecimal(quantity, 'quantity'), factors[0]), factors[1])
  return quantityText(rounded(exact, to))
}

function rounded(value: Rational, { rounding }: Pick<Unit, 'rounding'>): Rational {
  const step = parseDecimal(rounding, 'rounding')
  return sign(step) > 0 ? roundToStep(value, step) : value
}
