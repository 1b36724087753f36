/** Money: major units that are exact to minor units that are whole, and cents that are left over to the lines they belong to. */
import { HubError } from '../../protocol/errors.ts'
import { tillLimits } from '../../protocol/till/limits.ts'
import { absolute, compare, powerOfTen, type Rational, roundToInteger } from './decimal.ts'

/** Minor units, ties away from zero. More than `tillLimits.amountMax` is `till_invalid` with `path`. */
export function toMinor(value: Rational, digits: number, path = 'amount'): number {
  const amount = Number(roundToInteger({ n: value.n * powerOfTen(digits), d: value.d }))
  return within(amount, path)
}

/** Answers the amount itself, if it is not beyond what an amount may be. */
export function within(amount: number, path: string): number {
  if (Math.abs(amount) <= tillLimits.amountMax) return amount
  const reason = `comes to more than ${tillLimits.amountMax} minor units`
  throw new HubError('till_invalid', { path, reason })
}

export interface Share {
  /** What its size is judged by. */
  raw: Rational
  /** Comes before the position where sizes are equal. */
  key: string
  /** Takes none as long as there are others. */
  exact: boolean
}

/** How `difference` cents are spread: one each, the largest share first, around again until none is left. */
export function spread(difference: number, shares: readonly Share[]): number[] {
  const result = shares.map(() => 0)
  if (difference === 0) return result
  const all = shares.map(({ raw, key, exact }, position) => {
    const size = absolute(raw)
    // Fractions are compared only where whole millionths are the same.
    return { size, near: Number((size.n * 1_000_000n) / size.d), key, exact, position }
  })
  const others = all.filter(({ exact }) => !exact)
  const order = (others.length > 0 ? others : all).sort(
    (a, b) => b.near - a.near || compare(b.size, a.size) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  )
  const cent = Math.sign(difference)
  for (let left = order.length > 0 ? Math.abs(difference) : 0, turn = 0; left > 0; left--, turn++) {
    const position = order[turn % order.length]?.position ?? 0
    result[position] = (result[position] ?? 0) + cent
  }
  return result
}
