/** An order's totals: taxes per tax and per line, discounts, tip, savings, currencies, limits. */
import { describe, expect, it } from 'vitest'
import { tillLimits } from '../../src/protocol/till/amounts.ts'
import { orderLineSchema } from '../../src/protocol/till/order.ts'
import { computeOrder } from '../../src/till/engine/compute.ts'
import type { OrderTerms, PricedLine } from '../../src/till/engine/contract.ts'
import { line, tax, terms } from './engine-support.ts'

const vat21 = tax('v21', '21', { included: true, sequence: 2, label: 'A' })
const vat9 = tax('v9', '9', { included: true, sequence: 1 })
const top21 = tax('t21', '21')
const perLine = { taxRounding: 'per-line' } as const

/** `count` lines of the same. */
const same = (count: number, price: string, taxes: readonly string[], quantity = '1') =>
  Array.from({ length: count }, (_, at) => line(`l${at}`, quantity, price, taxes))

const totals = (lines: readonly PricedLine[], more: Partial<OrderTerms> = {}) =>
  computeOrder(lines, terms([vat21, vat9, top21], more)).totals

describe('rounding of taxes', () => {
  it('[M15] per tax: three of 1.99, seven of 0.99', () => {
    expect(totals(same(3, '1.99', ['v21']))).toMatchObject({ net: 493, tax: 104, total: 597 })
    expect(totals(same(7, '0.99', ['v21']))).toMatchObject({ net: 573, tax: 120, total: 693 })
  })

  it('[M16] per line: three of 1.99, seven of 0.99', () => {
    expect(totals(same(3, '1.99', ['v21']), perLine)).toMatchObject({ net: 492, tax: 105, total: 597 })
    expect(totals(same(7, '0.99', ['v21']), perLine)).toMatchObject({ net: 574, tax: 119, total: 693 })
  })

  it('[M16] per line the base is rounded before its tax is found', () => {
    // 2.3566 is 2.36, of which 21 % are 0.4956; of 2.3566 they would be 0.4949.
    expect(totals(same(1, '2.3566', ['t21']), perLine)).toMatchObject({ net: 236, tax: 50, total: 286 })
    expect(totals(same(1, '2.3566', ['t21']))).toMatchObject({ net: 236, tax: 49, total: 285 })
  })

  it('[M17] the cent that is over goes to the largest line', () => {
    const lines = [
      line('small', '1', '1.99', ['v21']),
      line('large', '2', '1.99', ['v21']),
      ...same(2, '1.99', ['v21']),
    ]
    const computed = computeOrder(lines, terms([vat21]))
    // 3 x 0.3454 + 0.6907 = 1.7269, and each rounded 3 x 0.35 + 0.69 = 1.74.
    expect(computed.lines.map(({ tax: amount, gross }) => [amount, gross])).toEqual([
      [35, 199],
      [68, 398],
      [35, 199],
      [35, 199],
    ])
  })

  it.each([
    ['v21', 'gross'],
    ['t21', 'net'],
  ] as const)('[M17] so does what is over of the amounts with %s', (id, which) => {
    // 1.004 + 2.004 = 3.008.
    const { lines } = computeOrder(
      [line('a', '1', '1.004', [id]), line('b', '1', '2.004', [id])],
      terms([vat21, top21]),
    )
    expect(lines.map((one) => one[which])).toEqual([100, 201])
  })

  it('[M18] price tags are kept when all taxes are included', () => {
    const { lines } = computeOrder(same(3, '1.99', ['v21']), terms([vat21]))
    expect(lines.map(({ net, tax: amount, gross }) => [net, amount, gross])).toEqual([
      [165, 34, 199],
      [164, 35, 199],
      [164, 35, 199],
    ])
  })

  it('[M18] what is without tax is kept when a tax comes on top', () => {
    // 12.12 x 12.12 = 146.8944, twice 293.7888; tax at 23 % 67.5714.
    const lines = same(2, '12.12', ['t23'], '12.12')
    const { lines: done, totals: sums } = computeOrder(lines, terms([tax('t23', '23')]))
    expect(sums).toMatchObject({ net: 29379, tax: 6757, total: 36136 })
    expect(done.map(({ net, tax: amount, gross }) => [net, amount, gross])).toEqual([
      [14690, 3378, 18068],
      [14689, 3379, 18068],
    ])
  })

  it('[M18] a tax on top of which nothing is left does not count', () => {
    // The tag of 1.045 is 1.05; its parts 0.8636 and 0.1814 are 0.86 and 0.18.
    const odd = line('odd', '1', '1.045', ['v21'])
    const untaxed = line('z', '1', '5', ['z'])
    expect(computeOrder([odd, untaxed], terms([vat21, tax('z', '0')])).totals.total).toBe(605)
    expect(computeOrder([odd, untaxed], terms([vat21, tax('z', '21')])).totals.total).toBe(104 + 605)
  })

  it('[M18] included and on top in one order: the sum without taxes is kept', () => {
    const lines = [...same(3, '1.99', ['v21']), line('top', '1', '1.01', ['t21'])]
    // 4.9339 + 1.01 = 5.9439; taxes 1.0361 and 0.2121.
    expect(totals(lines)).toMatchObject({
      net: 594,
      tax: 125,
      total: 719,
      taxes: [
        { tax: 't21', base: 101, amount: 21 },
        { tax: 'v21', base: 493, amount: 104 },
      ],
    })
  })

  it('[M14] what comes back is summed up apart', () => {
    // 4 x 0.1715 = 0.6860 and 0.1715: 0.69 - 0.17 is 0.52, while 3 x 0.1715 = 0.5145 would be 0.51.
    const lines = [...same(4, '0.988', ['v21']), line('back', '-1', '0.988', ['v21'])]
    expect(totals(lines)).toMatchObject({ tax: 52 })
  })

  it('[M14] a line at price 0 goes by its quantity', () => {
    const eco = tax('eco', '0.104', { kind: 'fixed' })
    const lines = [line('a', '-1', '1', ['eco']), line('free', '-1', '0', ['eco'])]
    // 0.208 together, twice 0.10 apart.
    expect(computeOrder(lines, terms([eco])).totals.tax).toBe(-21)
  })

  it('[M19] the table has names and labels, is ordered by sequence and id, and adds up', () => {
    const lines = [
      line('a', '1', '10.90', ['v9']),
      line('b', '1', '12.10', ['v21']),
      line('c', '2', '1', ['t21']),
    ]
    expect(totals(lines).taxes).toEqual([
      { tax: 't21', name: 'Tax t21', base: 200, amount: 42 },
      { tax: 'v9', name: 'Tax v9', base: 1000, amount: 90 },
      { tax: 'v21', name: 'Tax v21', label: 'A', base: 1000, amount: 210 },
    ])
  })

  it('[M21] 16.79 comes back as -16.79', () => {
    const lines = (quantity: string) => [
      line('a', quantity, '16.79', ['v21']),
      line('b', quantity, '8.395', ['v21']),
      line('c', quantity, '8.395', ['v9']),
    ]
    for (const taxRounding of ['per-tax', 'per-line'] as const) {
      const one = (quantity: string) =>
        computeOrder([line('a', quantity, '16.79', ['v21'])], terms([vat21], { taxRounding })).totals.total
      expect([one('1'), one('-1')]).toEqual([1679, -1679])
      const sale = totals(lines('1'), { taxRounding })
      const refund = totals(lines('-1'), { taxRounding })
      expect([refund.net, refund.tax, refund.total]).toEqual([-sale.net, -sale.tax, -sale.total])
    }
  })
})

describe('discount on the order', () => {
  it('[M22] one line for each combination of taxes; tip and earlier discounts are left out', () => {
    const lines = [
      line('a', '2', '12.10', ['v21']),
      line('b', '1', '10.90', ['v9'], { discount: '50' }),
      line('c', '1', '4', []),
      line('old', '1', '-1.21', ['v21'], { kind: 'discount' }),
    ]
    const computed = computeOrder(lines, terms([vat21, vat9], { discount: '10', tip: 300 }))
    expect(
      computed.lines.slice(4).map(({ id, kind, price, taxes, gross }) => [id, kind, price, taxes, gross]),
    ).toEqual([
      ['discount', 'discount', '-0.4', [], -40],
      ['discount-v21', 'discount', '-2.42', ['v21'], -242],
      ['discount-v9', 'discount', '-0.545', ['v9'], -55],
      ['tip', 'tip', '3', [], 300],
    ])
    expect(computed.totals.total).toBe(2420 + 545 + 400 - 121 - 40 - 242 - 55 + 300)
  })

  it('[M22] with a tax on top the amount with tax falls by the percentage', () => {
    // 4.99 + 1.05 = 6.04; 10 % of 6.0379 is 0.60.
    const computed = computeOrder([line('a', '1', '4.99', ['t21'])], terms([top21], { discount: '10' }))
    expect(computed.lines[1]).toMatchObject({ price: '-0.499', net: -50, tax: -10, gross: -60 })
    expect(computed.totals).toMatchObject({ total: 544 })
  })

  it('[M22] a fixed tax is not discounted', () => {
    const eco = tax('eco', '0.10', { kind: 'fixed', included: true })
    const lines = [line('a', '3', '1.31', ['eco', 'v21'])]
    // 3.93 - 0.30 = 3.63, of which 0.363.
    const computed = computeOrder(lines, terms([eco, vat21], { discount: '10' }))
    expect(computed.lines[1]).toMatchObject({ id: 'discount-eco-v21', taxes: ['v21'], price: '-0.363' })
    expect(computed.totals).toMatchObject({ total: 357, discounts: 36 })
    expect(computed.totals.taxes.find(({ tax: id }) => id === 'eco')?.amount).toBe(30)
  })

  it('[M22] a discount of 0 or on nothing makes no line, 100 % leaves nothing', () => {
    const lines = [line('a', '1', '10', ['v21'])]
    expect(computeOrder(lines, terms([vat21], { discount: '0.00' })).lines).toHaveLength(1)
    expect(computeOrder([], terms([], { discount: '10' })).lines).toEqual([])
    expect(totals(lines, { discount: '100' })).toMatchObject({ net: 0, tax: 0, total: 0, discounts: 1000 })
  })

  it('[M23] ids come again, differ from those of other lines, and stay within their length', () => {
    const ids = (lines: readonly PricedLine[], known = [vat21]) =>
      computeOrder(lines, terms(known, { discount: '10', tip: 1 })).lines.map(({ id }) => id)
    const lines = [line('discount-v21', '1', '1', ['v21']), line('tip', '1', '1', ['v21'])]
    expect(ids(lines)).toEqual(['discount-v21', 'tip', 'discount-v21-2', 'tip-2'])
    expect(ids(lines)).toEqual(ids(lines))
    const long = [tax('x'.repeat(64), '1'), tax(`${'x'.repeat(63)}y`, '2')]
    const made = ids([line('a', '1', '1', [long[0]!.id]), line('b', '1', '1', [long[1]!.id])], long)
    expect(new Set(made).size).toBe(5)
    expect(made.every((id) => id.length <= 64)).toBe(true)
  })

  it('[M23] made lines are lines as the protocol has them', () => {
    const { lines } = computeOrder(
      [line('a', '1', '0.000333', ['v21'])],
      terms([vat21], { discount: '33.3333', tip: 5 }),
    )
    expect(lines.map((made) => orderLineSchema.parse(made))).toEqual(lines)
  })
})

describe('tip', () => {
  it('[M24] comes to what was given, with any tax', () => {
    const tip = (taxes: readonly string[]) =>
      computeOrder(
        [],
        terms([vat21, top21, tax('eco', '1', { kind: 'fixed' })], {
          tip: 500,
          tipLine: { product: 'tip', name: 'Tip', taxes },
        }),
      )
    expect(tip([]).totals).toMatchObject({ net: 500, tax: 0, total: 500, tip: 500, discounts: 0 })
    expect(tip(['v21']).totals).toMatchObject({ net: 413, tax: 87, total: 500, tip: 500 })
    expect(tip(['t21']).totals).toMatchObject({ net: 413, tax: 87, total: 500, tip: 500 })
    expect(tip(['eco']).lines[0]).toMatchObject({
      id: 'tip',
      quantity: '1',
      price: '5',
      taxes: [],
      gross: 500,
    })
  })
})

describe('what is over', () => {
  it('[M17] does not go to the tip, and which line takes it does not hang on the order of unlike lines', () => {
    const lines = [line('a', '1', '1.004', ['v9']), line('b', '1', '1.004', ['v21'])]
    const grosses = (given: readonly PricedLine[]) =>
      Object.fromEntries(
        computeOrder(given, terms([vat21, vat9], { tip: 900 })).lines.map(({ id, gross }) => [id, gross]),
      )
    expect(grosses(lines)).toEqual({ a: 100, b: 101, tip: 900 })
    expect(grosses(lines.toReversed())).toEqual({ a: 100, b: 101, tip: 900 })
  })
})

describe('saving', () => {
  it('[M25] against list prices, taxes included, tip left out', () => {
    const lines = [
      line('discounted', '3', '1.99', ['v21'], { discount: '10' }),
      line('pricelist', '2', '8', ['v21'], { listPrice: '10' }),
      line('dearer', '1', '12', ['v21'], { listPrice: '10' }),
      line('by hand', '1', '5', ['v21'], { listPrice: '10', priceKind: 'manual' }),
      line('on top', '1', '8', ['t21'], { listPrice: '10' }),
    ]
    // 0.597 and 4.00; 2.42 for the one with tax on top. The rest saves nothing.
    expect(totals(lines, { tip: 100 }).discounts).toBe(60 + 400 + 242)
    expect(totals(lines.map((one) => ({ ...one, quantity: `-${one.quantity}` }))).discounts).toBe(-702)
    expect(totals([line('plain', '1', '5.00', ['v21'], { listPrice: '5' })]).discounts).toBe(0)
  })

  it('[M25] a discount that comes back with its goods is a saving that comes back', () => {
    const back = [line('a', '-1', '10', ['v21']), line('d', '-1', '-1', ['v21'], { kind: 'discount' })]
    expect(totals(back)).toMatchObject({ total: -900, discounts: -100 })
  })

  it('[M25] the total and the saving are what the list asks', () => {
    const lines = same(2, '1.99', ['v21'], '3')
    const discounted = lines.map((one) => ({ ...one, discount: '10' }))
    for (const more of [{}, perLine]) {
      const { total, discounts } = totals(discounted, { ...more, discount: '5' })
      expect(total + discounts).toBe(totals(lines, more).total)
      expect(discounts).toBeGreaterThan(0)
    }
  })
})

describe('currencies and limits', () => {
  it('[M3] yen have no digits, dinars three', () => {
    const ten = tax('ct', '10', { included: true })
    expect(
      computeOrder(same(3, '108', ['ct']), terms([ten], { currencyDigits: 0, tip: 50 })).totals,
    ).toMatchObject({
      net: 345,
      tax: 29,
      total: 374,
    })
    const vat = tax('vat', '5')
    expect(
      computeOrder(same(3, '1.2345', ['vat']), terms([vat], { currencyDigits: 3 })).totals,
    ).toMatchObject({
      net: 3704,
      tax: 185,
      total: 3889,
    })
  })

  it('[M4] a line and a total end at their limit', () => {
    const most = (quantity: string) => computeOrder(same(1, '100000', [], quantity), terms([]))
    expect(most('100000').totals.total).toBe(tillLimits.amountMax)
    const beyond = (lines: readonly PricedLine[], path: string) =>
      expect(() => computeOrder(lines, terms([]))).toThrow(
        expect.objectContaining({ code: 'till_invalid', context: expect.objectContaining({ path }) }),
      )
    beyond(same(1, '100000', [], '100000.000001'), 'lines.0')
    beyond([line('a', '1', '1', []), ...same(1, '100000', [], '100001')], 'lines.1')
    beyond(same(2, '100000', [], '60000'), 'total')
  })

  it('[M4] so does what is taken off or given as a tip', () => {
    const huge = same(1, '999999999', [], '10')
    expect(() => computeOrder(huge, terms([], { discount: '50' }))).toThrow(
      expect.objectContaining({
        code: 'till_invalid',
        context: expect.objectContaining({ path: 'discount' }),
      }),
    )
  })
})

describe('rounding of the total', () => {
  it('[M27] the whole order, or cash alone', () => {
    const rounded = (cashOnly: boolean, quantity = '1') =>
      totals(same(1, '19.92', ['v21'], quantity), { cashRounding: { step: 5, method: 'up', cashOnly } })
    expect(rounded(false)).toMatchObject({ total: 1992, rounding: 3 })
    expect(rounded(false, '-1')).toMatchObject({ total: -1992, rounding: -3 })
    expect(rounded(true)).toMatchObject({ total: 1992, rounding: 0 })
  })
})
