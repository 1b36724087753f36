/** The taxes of one line: what is included, what comes on top, tax on tax, and in which order. */
import { describe, expect, it } from 'vitest'
import type { Tax } from '../../src/protocol/till/catalogue.ts'
import { computeOrder } from '../../src/till/engine/compute.ts'
import type { OrderTerms } from '../../src/till/engine/contract.ts'
import { line, tax, terms } from './engine-support.ts'

/** net, then [base, amount] of each tax in the order of the line, then the total. */
function taxed(price: string, taxes: readonly Tax[], quantity = '1', more: Partial<OrderTerms> = {}) {
  const ids = taxes.map(({ id }) => id)
  const { totals } = computeOrder([line('a', quantity, price, ids)], terms(taxes, more))
  const row = (id: string) => totals.taxes.find((found) => found.tax === id)
  return [totals.net, ...ids.map((id) => [row(id)?.base, row(id)?.amount]), totals.total]
}

const roundings = ['per-tax', 'per-line'] as const
const included = { included: true }
const affects = { affectsBase: true }

describe.each(roundings)('rounded %s', (taxRounding) => {
  const evaluate = (price: string, taxes: readonly Tax[], quantity = '1') =>
    taxed(price, taxes, quantity, { taxRounding })

  it('[M8] percent, on top and included', () => {
    expect(evaluate('100', [tax('v', '21')])).toEqual([10000, [10000, 2100], 12100])
    expect(evaluate('121', [tax('v', '21', included)])).toEqual([10000, [10000, 2100], 12100])
    expect(evaluate('100', [tax('a', '10', included), tax('b', '10', included)])).toEqual([
      8334,
      [8334, 833],
      [8334, 833],
      10000,
    ])
    expect(evaluate('10', [tax('zero', '0', included)])).toEqual([1000, [1000, 0], 1000])
    expect(evaluate('10', [])).toEqual([1000, 1000])
  })

  it('[M9] division, included and on top', () => {
    const division = { kind: 'division' } as const
    expect(evaluate('100', [tax('d', '20', { ...division, ...included })])).toEqual([
      8000,
      [8000, 2000],
      10000,
    ])
    expect(evaluate('100', [tax('d', '20', division)])).toEqual([10000, [10000, 2500], 12500])
    // Two of one batch: what they come to is 20 % and 30 % of the price with both.
    expect(evaluate('50', [tax('d', '20', division), tax('e', '30', division)])).toEqual([
      5000,
      [5000, 2000],
      [5000, 3000],
      10000,
    ])
  })

  it('[M10] a fixed tax follows quantity and the sign of the price', () => {
    const eco = tax('eco', '0.10', { kind: 'fixed' })
    expect(evaluate('5', [eco], '3')).toEqual([1500, [1500, 30], 1530])
    expect(evaluate('5', [eco], '-3')).toEqual([-1500, [-1500, -30], -1530])
    expect(evaluate('-5', [eco], '3')).toEqual([-1500, [-1500, -30], -1530])
    expect(evaluate('5', [{ ...eco, included: true }], '3')).toEqual([1470, [1470, 30], 1500])
    expect(evaluate('0', [eco], '2')).toEqual([0, [0, 20], 20])
    expect(evaluate('0', [eco], '-2')).toEqual([0, [0, -20], -20])
  })

  it('[M11] tax on tax, where the first affects the base and the second lets itself be affected', () => {
    const first = tax('a', '10', affects)
    expect(evaluate('100', [first, tax('b', '20')])).toEqual([10000, [10000, 1000], [11000, 2200], 13200])
    expect(evaluate('100', [first, tax('b', '20', { baseAffected: false })])).toEqual([
      10000,
      [10000, 1000],
      [10000, 2000],
      13000,
    ])
    expect(evaluate('100', [tax('a', '10'), tax('b', '20')])).toEqual([
      10000,
      [10000, 1000],
      [10000, 2000],
      13000,
    ])
    expect(evaluate('132', [tax('a', '10', { ...affects, ...included }), tax('b', '20', included)])).toEqual([
      10000,
      [10000, 1000],
      [11000, 2200],
      13200,
    ])
  })

  it('[M11] a third tax is raised by both before it', () => {
    const taxes = [tax('a', '10', affects), tax('b', '10', affects), tax('c', '10')]
    expect(evaluate('100', taxes)).toEqual([10000, [10000, 1000], [11000, 1100], [12100, 1210], 13310])
  })

  it('[M6] fixed taxes come before what the price includes, and that before what comes on top', () => {
    const eco = tax('eco', '1', { kind: 'fixed', ...affects })
    // 10 % is in 120 + 1, since the eco-tax raises its base.
    expect(evaluate('120', [eco, tax('v', '10', included)])).toEqual([
      10900,
      [10900, 100],
      [11000, 1100],
      12100,
    ])
    // Both in the price: 122 - 1 = 121, of which 11 is tax.
    const both = [tax('eco', '1', { kind: 'fixed', ...included }), tax('v', '10', included)]
    expect(evaluate('122', both)).toEqual([11000, [11000, 100], [11000, 1100], 12200])
    // On top of what is left when the included one is out.
    expect(evaluate('110', [tax('v', '10', included), tax('w', '5')])).toEqual([
      10000,
      [10000, 1000],
      [10000, 500],
      11500,
    ])
    expect(evaluate('110', [tax('w', '5'), tax('v', '10', included)])).toEqual([
      10000,
      [10000, 500],
      [10000, 1000],
      11500,
    ])
    expect(evaluate('110', [tax('v', '10', { ...included, ...affects }), tax('w', '5')])).toEqual([
      10000,
      [10000, 1000],
      [11000, 550],
      11550,
    ])
  })

  it('[M7] neighbours of one nature share the price; a tax of another kind between them parts the batch', () => {
    const [a, c] = [tax('a', '10', included), tax('c', '10', included)]
    expect(evaluate('120', [a, c])).toEqual([10000, [10000, 1000], [10000, 1000], 12000])
    const between = tax('b', '0', { kind: 'fixed', ...included })
    // c takes 120 / 11 of the price first, a then what is included in the rest.
    expect(evaluate('121', [a, between, c])).toEqual([10000, [10000, 1000], [10000, 0], [10000, 1100], 12100])
  })

  it('[M7] taxes that affect the base are one batch only while none counts on the other', () => {
    const independent = { ...included, ...affects, baseAffected: false }
    expect(evaluate('120', [tax('a', '10', independent), tax('b', '10', independent)])).toEqual([
      10000,
      [10000, 1000],
      [10000, 1000],
      12000,
    ])
    const onTax = { ...included, ...affects }
    expect(evaluate('121', [tax('a', '10', onTax), tax('b', '10', onTax)])).toEqual([
      10000,
      [10000, 1000],
      [11000, 1100],
      12100,
    ])
  })

  it('[M12] reverse charge is in the table, and due is nothing', () => {
    const reverse = tax('r', '21', { reverseCharge: true, ...affects })
    expect(evaluate('100', [reverse, tax('v', '10')])).toEqual([10000, [10000, 0], [10000, 1000], 11000])
    expect(evaluate('100', [{ ...reverse, included: true }])).toEqual([10000, [10000, 0], 10000])
  })
})

describe('what the base is', () => {
  it('[M5] prices have more digits than money and nothing is rounded before the sum', () => {
    expect(taxed('0.3333', [], '3')).toEqual([100, 100])
    expect(taxed('0.0125', [tax('v', '21', included)], '1000')).toEqual([1033, [1033, 217], 1250])
    expect(taxed('12.99', [tax('v', '21', included)], '0.345')).toEqual([370, [370, 78], 448])
  })

  it('[M5] the discount is taken exactly, and 100 % leaves nothing', () => {
    const gross = (discount: string) =>
      computeOrder([line('a', '3', '1.99', [], { discount })], terms([])).totals.total
    expect([gross('0'), gross('10'), gross('33.3333'), gross('100'), gross('100.0')]).toEqual([
      597, 537, 398, 0, 0,
    ])
    expect([gross('150'), gross('-5')]).toEqual([0, 597])
  })

  it.each([
    ['taxes.g', tax('g', '0', { kind: 'group' }), 'a group'],
    ['taxes.d', tax('d', '100', { kind: 'division' }), 'division of 100 %'],
    ['taxes.d', tax('d', '100', { kind: 'division', ...included }), 'division of 100 %, included'],
    ['taxes.p', tax('p', '-100', included), '-100 % included'],
    ['taxes.x.amount', tax('x', 'ten'), 'no number'],
  ])('[M13] %s cannot be computed (%s)', (path, wrong) => {
    expect(() => taxed('10', [wrong])).toThrow(
      expect.objectContaining({ code: 'till_invalid', context: expect.objectContaining({ path }) }),
    )
  })

  it('[M13] just below what cannot be computed', () => {
    expect(taxed('1', [tax('d', '99', { kind: 'division' })])).toEqual([100, [100, 9900], 10000])
    expect(taxed('1', [tax('p', '-99', included)])).toEqual([10000, [10000, -9900], 100])
  })

  it('[M13] a tax that nobody defined', () => {
    expect(() => computeOrder([line('a', '1', '1', ['gone'])], terms([]))).toThrow(
      expect.objectContaining({ code: 'till_unknown', context: { kind: 'tax', id: 'gone' } }),
    )
  })
})
