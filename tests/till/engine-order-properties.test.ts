/** What holds for every order, whatever is in it: found by fast-check over mixed taxes, currencies and roundings. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tax } from '../../src/protocol/till/catalogue.ts'
import type { Totals } from '../../src/protocol/till/order.ts'
import { computeOrder } from '../../src/till/engine/compute.ts'
import type { ComputedOrder, OrderTerms, PricedLine } from '../../src/till/engine/contract.ts'
import { line, opposite, tax, terms } from './engine-support.ts'

const included = { included: true }
const known: readonly Tax[] = [
  tax('v21', '21', { ...included, sequence: 5 }),
  tax('v9', '9', included),
  tax('v10', '10', included),
  tax('zero', '0', included),
  tax('t21', '21'),
  tax('t5', '5.5'),
  tax('eco', '0.10', { kind: 'fixed', affectsBase: true }),
  tax('levy', '0.25', { kind: 'fixed', included: true }),
  tax('div', '12.5', { kind: 'division' }),
  tax('divin', '15', { kind: 'division', included: true }),
  tax('raise', '10', { affectsBase: true }),
  tax('rev', '21', { reverseCharge: true }),
]

/** Quantities and prices of up to four decimals; money of the currency is coarser. */
const decimal = (max: number) =>
  fc
    .tuple(fc.integer({ min: -max, max }), fc.integer({ min: 0, max: 4 }))
    .map(([value, digits]) => plain(value, digits))

function plain(value: number, digits: number): string {
  const text = Math.abs(value)
    .toString()
    .padStart(digits + 1, '0')
  const point = text.length - digits
  return `${value < 0 ? '-' : ''}${text.slice(0, point)}${digits === 0 ? '' : `.${text.slice(point)}`}`
}

const taxIds = fc.oneof(
  fc.constantFrom<string[][]>(['v21'], ['v9'], [], ['eco', 't21'], ['zero'], ['v10', 'v9'], ['raise', 't5']),
  fc.uniqueArray(fc.constantFrom(...known.map(({ id }) => id)), { maxLength: 4 }),
)

const lineArbitrary = fc.record({
  quantity: fc.oneof(fc.integer({ min: 1, max: 20 }).map(String), decimal(3_000)),
  price: fc.oneof(decimal(20_000), fc.constantFrom('1.99', '0.99', '16.79')),
  taxes: taxIds,
  discount: fc.constantFrom('0', '0', '10', '33.3333', '100'),
})

const linesArbitrary = fc
  .array(lineArbitrary, { maxLength: 12 })
  .map((all) =>
    all.map(({ quantity, price, taxes, discount }, at) =>
      line(`l${at}`, quantity, price, taxes, { discount }),
    ),
  )

/** Price tags of whole cents with included taxes: what most shops sell. */
const taggedArbitrary = fc
  .array(
    fc.record({
      quantity: fc.integer({ min: 1, max: 9 }),
      cents: fc.integer({ min: 1, max: 5_000 }),
      rate: fc.constantFrom('v21', 'v9', 'zero'),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((all) =>
    all.map(({ quantity, cents, rate }, at) => line(`l${at}`, `${quantity}`, plain(cents, 2), [rate])),
  )

const termsArbitrary = fc
  .record({
    taxRounding: fc.constantFrom('per-tax' as const, 'per-line' as const),
    currencyDigits: fc.constantFrom(2, 2, 0, 3),
    discount: fc.constantFrom('0', '0', '10', '12.5'),
    tip: fc.constantFrom(0, 0, 250),
  })
  .map((more) => terms(known, { ...more, tipLine: { product: 'tip', name: 'Tip', taxes: ['v21'] } }))

const holds = (check: (lines: PricedLine[], given: OrderTerms) => void) =>
  fc.assert(fc.property(linesArbitrary, termsArbitrary, check), { numRuns: 400 })

const add = (amounts: readonly number[]) => amounts.reduce((all, amount) => all + amount, 0)
// A 0 that was turned around is -0, which is no amount.
const turn = (amount: number) => (amount === 0 ? 0 : -amount)

function turned({ net, tax: amount, total, taxes, discounts, ...rest }: Totals) {
  return {
    ...rest,
    net: turn(net),
    tax: turn(amount),
    total: turn(total),
    discounts: turn(discounts),
    taxes: taxes.map((row) => ({ ...row, base: turn(row.base), amount: turn(row.amount) })),
  }
}

describe('every order', () => {
  it('[M19] adds up: net + tax, its lines, its tax table', () => {
    holds((lines, given) => {
      const { lines: done, totals } = computeOrder(lines, given)
      expect(totals.net + totals.tax).toBe(totals.total)
      expect(add(totals.taxes.map(({ amount }) => amount))).toBe(totals.tax)
      expect([
        add(done.map(({ net }) => net)),
        add(done.map((one) => one.tax)),
        add(done.map(({ gross }) => gross)),
      ]).toEqual([totals.net, totals.tax, totals.total])
      expect(done.every(({ net, tax: amount, gross }) => net + amount === gross)).toBe(true)
      expect(done.flatMap(({ net, gross }) => [net, gross]).every(Number.isSafeInteger)).toBe(true)
    })
  })

  it('[M20] has the same totals in any order of its lines', () => {
    fc.assert(
      fc.property(
        linesArbitrary.chain((lines) =>
          fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })),
        ),
        termsArbitrary,
        ([lines, shuffled], given) => {
          expect(computeOrder(shuffled, given).totals).toEqual(computeOrder(lines, given).totals)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('[M21] and its opposite are zero in every total, row and line', () => {
    holds((lines, given) => {
      const alone = { ...given, tip: 0 }
      const sale = computeOrder(lines, alone)
      const refund = computeOrder(
        lines.map((one) => ({ ...one, quantity: opposite(one.quantity) })),
        alone,
      )
      expect(refund.totals).toEqual(turned(sale.totals))
      const amounts = ({ lines: done }: ComputedOrder, sign: (amount: number) => number) =>
        done.map(({ net, tax: amount, gross }) => [sign(net), sign(amount), sign(gross)])
      expect(amounts(refund, (amount) => amount)).toEqual(amounts(sale, turn))
    })
  })

  it('[M18] of price tags comes to the sum of its tags, and each line to its own', () => {
    fc.assert(
      fc.property(
        taggedArbitrary,
        fc.constantFrom('per-tax' as const, 'per-line' as const),
        (lines, taxRounding) => {
          const { lines: done, totals } = computeOrder(lines, terms(known, { taxRounding }))
          const tags = lines.map(({ quantity, price }) => Math.round(Number(quantity) * Number(price) * 100))
          expect(done.map(({ gross }) => gross)).toEqual(tags)
          expect(totals.total).toBe(add(tags))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('[M17] is off from the exact amount of a line by less than two units', () => {
    fc.assert(
      fc.property(taggedArbitrary, (lines) => {
        const { lines: done } = computeOrder(lines, terms(known))
        for (const { gross, tax: amount, taxes } of done) {
          const rate = taxes[0] === 'v21' ? 21 : taxes[0] === 'v9' ? 9 : 0
          expect(Math.abs(amount - (gross * rate) / (100 + rate))).toBeLessThan(2)
        }
      }),
    )
  })

  it('[M22] a discount takes its share of what items cost, to a unit for each combination', () => {
    fc.assert(
      fc.property(taggedArbitrary, fc.integer({ min: 1, max: 100 }), (lines, rate) => {
        const full = computeOrder(lines, terms(known)).totals.total
        const { lines: done, totals } = computeOrder(lines, terms(known, { discount: `${rate}` }))
        const combinations = done.length - lines.length
        expect(Math.abs(totals.total - (full * (100 - rate)) / 100)).toBeLessThanOrEqual(combinations)
        expect(totals.discounts).toBe(full - totals.total)
      }),
    )
  })
})
