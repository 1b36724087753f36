/** Quantity times price, exactly: only to say on paper how an amount came about. */

const e6 = 1_000_000n

/** Decimal text of up to 6 decimals in millionths. */
export function millionths(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const size = BigInt(whole) * e6 + BigInt(fraction.padEnd(6, '0').slice(0, 6))
  return text.startsWith('-') ? -size : size
}

/** quantity x price less a discount in percent, in minor units of `digits`, rounded half away from zero. */
export function worth(quantity: string, price: string, discount: string, digits: number): number {
  const left = 100n * e6 - millionths(discount)
  const top = millionths(quantity) * millionths(price) * left * 10n ** BigInt(digits)
  const bottom = e6 * e6 * e6 * 100n
  const size = top < 0n ? -top : top
  const rounded = (size * 2n + bottom) / (bottom * 2n)
  return Number(top < 0n ? -rounded : rounded)
}
