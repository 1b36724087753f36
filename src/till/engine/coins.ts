/** Coins and notes: what a counted drawer holds, and the round sums that customers hand over. */
import type { Coins } from '../../protocol/till/session.ts'

/** Sum of counted coins and notes, in minor units. */
export function coinSum(coins: Coins): number {
  return Object.entries(coins).reduce((sum, [value, count]) => sum + Number(value) * count, 0)
}

/** What is in circulation, in minor units, largest first. */
const circulating: Readonly<Record<string, readonly number[]>> = {
  EUR: [50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1],
  USD: [10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 25, 10, 5, 1],
  GBP: [5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1],
  CHF: [100_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5],
  JPY: [10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 1],
}

/** For a currency that is not known: 1, 2 and 5 of each power of ten, up to 500 whole units. */
export function denominations(currency: string, currencyDigits: number): readonly number[] {
  const known = circulating[currency]
  if (known !== undefined) return known
  const powers = Array.from({ length: currencyDigits + 3 }, (_, index) => 10 ** (currencyDigits + 2 - index))
  return powers.flatMap((power) => [5 * power, 2 * power, power])
}

/**
 * Sums that people hand over for what is due, smallest first: the due itself and the next round ones, `count` at most. Coins
 * below a twentieth of the due make no sum that anybody would count out. Nothing for a refund.
 */
export function quickAmounts(due: number, denominations: readonly number[], count: number): number[] {
  if (due <= 0) return []
  const amounts = new Set([due])
  for (const value of denominations.filter((one) => one * 20 >= due))
    amounts.add(Math.ceil(due / value) * value)
  return [...amounts].sort((a, b) => a - b).slice(0, count)
}
