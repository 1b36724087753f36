/** The corpus: orders worked out by hand, and orders of a seed worked out twice by calculations that know nothing of each other. */
import { describe, expect, it } from 'vitest'
import { firstOpinion } from './first-opinion.ts'
import { generateOrder, generatePayments, taxWorlds } from './generate.ts'
import { roundTo, secondOpinion } from './second-opinion.ts'
import worked from './worked.json' with { type: 'json' }
import type { Outcome, WorkedOrder } from './worked-order.ts'

const generatedOrders = 1_000

/** Tables and made lines in one order, so that two outcomes can be held side by side. */
function sorted(outcome: Outcome): Outcome {
  const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
  return {
    ...outcome,
    taxes: [...outcome.taxes].sort((a, b) => (a.tax < b.tax ? -1 : 1)),
    discounts: [...outcome.discounts].sort(byText),
  }
}

function generate(seed: number): WorkedOrder {
  const order = generateOrder(seed)
  const { total, rounding } = secondOpinion(order)
  const { cashRounding } = order
  const inCash = (rest: number) => (cashRounding?.cashOnly ? roundTo(rest, cashRounding) : rest)
  return { ...order, payments: generatePayments(seed, total + rounding, order, inCash) }
}

describe('orders worked out by hand', () => {
  const orders = worked as (WorkedOrder & { expected: Outcome })[]

  it.each(orders.map((order) => [order.name, order] as const))('[M80] %s', (_, { expected, ...order }) => {
    expect(sorted(firstOpinion(order))).toEqual(sorted(expected))
    expect(sorted(secondOpinion(order))).toEqual(sorted(expected))
  })
})

describe('orders worked out twice', () => {
  const orders = Array.from({ length: generatedOrders }, (_, seed) => generate(seed + 1))

  it(`[M81] ${generatedOrders} orders are the same in every cent: by line, by tax, in total and as they are paid`, () => {
    const different = orders.filter((order) => {
      const [first, second] = [firstOpinion(order), secondOpinion(order)].map((found) =>
        JSON.stringify(sorted(found)),
      )
      return first !== second
    })
    // The first one whole: that is what has to be looked at.
    expect(different.length > 0 ? sorted(firstOpinion(different[0]!)) : undefined).toEqual(
      different.length > 0 ? sorted(secondOpinion(different[0]!)) : undefined,
    )
    expect(different.map(({ name }) => name)).toEqual([])
  })

  it('[M81] they cover every way of taxing, rounding, reducing and paying', () => {
    const count = (fits: (order: WorkedOrder) => boolean) => orders.filter(fits).length
    for (const world of Object.keys(taxWorlds))
      for (const rounding of ['per-tax', 'per-line'])
        expect(
          count((order) => order.name.endsWith(`: ${world}`) && order.rounding === rounding),
        ).toBeGreaterThan(5)
    for (const method of ['up', 'down', 'nearest'])
      for (const cashOnly of [true, false])
        expect(
          count(({ cashRounding }) => cashRounding?.method === method && cashRounding.cashOnly === cashOnly),
        ).toBeGreaterThan(50)
    expect(count(({ discount }) => discount !== undefined)).toBeGreaterThan(200)
    expect(count(({ lines }) => lines.some(({ discount }) => discount !== undefined))).toBeGreaterThan(400)
    expect(count(({ tip }) => tip !== undefined)).toBeGreaterThan(100)
    expect(count(({ payments }) => payments?.length === 2)).toBeGreaterThan(100)
    expect(count(({ payments }) => payments?.some(({ amount }) => amount < 0) ?? false)).toBeGreaterThan(80)
    expect(count((order) => (firstOpinion(order).settled?.change ?? 0) > 0)).toBeGreaterThan(100)
    expect(count(({ digits }) => digits === 0)).toBeGreaterThan(50)
    expect(count(({ digits }) => digits === 3)).toBeGreaterThan(50)
  })
})
