/** At the counter: bills shared and put together, drawers counted, coins, and what the kitchen is told. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrderLine } from '../../src/protocol/till/order.ts'
import {
  type ClosingSum,
  closingCounts,
  closingFigures,
  expectedCash,
  largestDifference,
} from '../../src/till/engine/closing.ts'
import { coinSum, denominations, quickAmounts } from '../../src/till/engine/coins.ts'
import { add, compare, parseDecimal } from '../../src/till/engine/decimal.ts'
import { type KitchenQuestion, kitchenChanges } from '../../src/till/engine/kitchen-changes.ts'
import { mergeLines, splitLines } from '../../src/till/engine/split.ts'
import { compute } from './corpus/first-opinion.ts'
import type { WorkedLine, WorkedOrder } from './corpus/worked-order.ts'
import { orderLine } from './engine-shop-support.ts'

const lineOf = (id: string, quantity: string, more: Partial<OrderLine> = {}) =>
  orderLine({ id, quantity, ...more })
const short = (lines: readonly { id: string; quantity: string }[]) =>
  lines.map(({ id, quantity }) => `${id} ${quantity}`)
const codeOf = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'nothing'
}

describe('splitting', () => {
  it('[M76] takes parts of lines and whole lines', () => {
    const lines = [lineOf('a', '3'), lineOf('b', '1'), lineOf('c', '0.5')]
    const { left, taken } = splitLines(lines, [
      { line: 'c', quantity: '0.5' },
      { line: 'a', quantity: '2' },
    ])
    expect(short(left)).toEqual(['a 1', 'b 1'])
    expect(short(taken)).toEqual(['a 2', 'c 0.5'])
  })

  it('[M76] quantities add up, and with tags of whole cents the totals do', () => {
    const line = fc.record({
      quantity: fc.integer({ min: 1, max: 20 }),
      taken: fc.nat(20),
      cents: fc.integer({ min: 1, max: 9_999 }),
      tax: fc.constantFrom('v21', 'v9'),
    })
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('per-tax', 'per-line'),
        (rows, rounding) => {
          const worked = (lines: WorkedLine[]): WorkedOrder => ({
            name: 'split',
            digits: 2,
            rounding: rounding as WorkedOrder['rounding'],
            taxes: ['21', '9'].map((rate) => ({
              id: `v${rate}`,
              kind: 'percent',
              amount: rate,
              included: true,
            })),
            lines,
          })
          const lines = rows.map(({ quantity, cents, tax }, index) => ({
            ...{ id: `l${index}`, product: `p${index}`, lots: [], taxes: [tax] },
            ...{ quantity: String(quantity), price: (cents / 100).toFixed(2) },
          }))
          const wanted = rows.flatMap(({ quantity, taken }, index) =>
            Math.min(quantity, taken) > 0
              ? [{ line: `l${index}`, quantity: String(Math.min(quantity, taken)) }]
              : [],
          )
          const { left, taken } = splitLines(lines, wanted)
          for (const { id, quantity } of lines) {
            const parts = [...left, ...taken]
              .filter((part) => part.id === id)
              .map((part) => parseDecimal(part.quantity))
            expect(compare(parts.reduce(add), parseDecimal(quantity))).toBe(0)
          }
          const totals = [lines, left, taken].map((part) => compute(worked(part)).totals.total)
          expect(totals[0]).toBe(totals[1]! + totals[2]!)
          const { lines: again } = mergeLines(left, taken)
          expect(compute(worked(again)).totals).toEqual(compute(worked(lines)).totals)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('[M76] no more than there is, no line twice, none that is not there', () => {
    const lines = [lineOf('a', '3')]
    const split = (...wanted: { line: string; quantity: string }[]) => codeOf(() => splitLines(lines, wanted))
    expect(split({ line: 'a', quantity: '3' })).toBe('nothing')
    expect(split({ line: 'a', quantity: '3.000001' })).toBe('till_invalid')
    expect(split({ line: 'a', quantity: '0' })).toBe('till_invalid')
    expect(split({ line: 'a', quantity: '-1' })).toBe('till_invalid')
    expect(split({ line: 'x', quantity: '1' })).toBe('till_unknown')
    expect(split({ line: 'a', quantity: '1' }, { line: 'a', quantity: '1' })).toBe('till_invalid')
  })

  it('[M76] what was weighed, comes back or has lots moves whole; one lot for each piece is shared out', () => {
    const part = (more: Partial<OrderLine>, quantity = '2') =>
      codeOf(() =>
        splitLines([lineOf('a', quantity, more)], [{ line: 'a', quantity: quantity === '2' ? '1' : '-1' }]),
      )
    expect(part({ weighing: 'w' })).toBe('till_invalid')
    expect(part({ refundOf: { order: 'o', line: 'l' } }, '-2')).toBe('till_invalid')
    expect(part({ lots: ['A'] })).toBe('till_invalid')
    const { left, taken } = splitLines(
      [lineOf('a', '2', { lots: ['A', 'B'] })],
      [{ line: 'a', quantity: '1' }],
    )
    expect([left[0]?.lots, taken[0]?.lots]).toEqual([['B'], ['A']])
    expect(splitLines([lineOf('a', '2', { weighing: 'w' })], [{ line: 'a', quantity: '2' }]).left).toEqual([])
  })
})

describe('merging', () => {
  it('[M77] the same thing at the same price joins', () => {
    const { lines, moved } = mergeLines([lineOf('a', '1.5')], [lineOf('b', '2', { price: '10.00' })])
    expect(short(lines)).toEqual(['a 3.5'])
    expect([...moved]).toEqual([['b', 'a']])
  })

  it.each([
    ['another price', { price: '9' }],
    ['another discount', { discount: '5' }],
    ['a price by hand', { priceKind: 'manual' }],
    ['a note', { note: 'cold' }],
    ['a note for the kitchen', { internalNote: 'no onions' }],
    ['another course', { course: 2 }],
    ['another unit', { unit: 'kg' }],
    ['lots', { lots: ['A'] }],
    ['a weighing', { weighing: 'w' }],
    ['a refund', { refundOf: { order: 'o', line: 'l' } }],
    ['another product', { product: 'cake' }],
    ['what comes back', { quantity: '-1' }],
  ] as [string, Partial<OrderLine>][])('[M77] %s stays a line of its own', (_, more) => {
    const { lines, moved } = mergeLines([lineOf('a', '1')], [lineOf('b', '1', more)])
    expect(lines.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(moved.get('b')).toBe('b')
  })

  it('[M77] an id that is taken gets an ending, and stays within 64 characters', () => {
    const long = 'x'.repeat(64)
    const { lines, moved } = mergeLines(
      [lineOf('a', '1'), lineOf('a.2', '1'), lineOf(long, '1')],
      [lineOf('a', '1', { note: 'cold' }), lineOf(long, '1', { note: 'cold' })],
    )
    expect(lines.map(({ id }) => id)).toEqual(['a', 'a.2', long, 'a.3', `${'x'.repeat(62)}.2`])
    expect(moved.get('a')).toBe('a.3')
  })
})

describe('closing', () => {
  const sum = (dimension: string, key: string, more: Partial<ClosingSum> = {}): ClosingSum => ({
    ...{ dimension, key, orders: 0, net: 0, tax: 0, total: 0 },
    ...more,
  })
  const methods: Record<string, { name: string; kind: 'cash' | 'card' | 'account'; sequence: number }> = {
    cash: { name: 'Cash', kind: 'cash', sequence: 1 },
    card: { name: 'Card', kind: 'card', sequence: 2 },
    later: { name: 'Account', kind: 'account', sequence: 3 },
  }
  const input = {
    openingCounted: 10_000,
    cashMoves: [{ amount: -5_000 }],
    methodOf: (id: string) => methods[id],
    taxNameOf: (id: string) => (id === 'v21' ? '21 %' : undefined),
  }

  it('[M78] the worked example: 287.50', () => {
    const payments = [27_000, -2_000, -1_250].map((amount) => ({ amount }))
    expect(expectedCash({ ...input, payments })).toBe(28_750)
    const figures = closingFigures({
      ...input,
      sums: [sum('method', 'cash', { orders: 2, total: 27_000 - 2_000 - 1_250 })],
    })
    expect(figures.cashExpected).toBe(28_750)
    const counts = closingCounts(figures, 'cash', new Map([['cash', 28_700]]))
    expect(counts).toEqual([{ method: 'cash', expected: 28_750, counted: 28_700, difference: -50 }])
  })

  it('[M78] sums of several days add up, by method and tax, in the order of the methods', () => {
    const figures = closingFigures({
      ...input,
      cashMoves: [],
      sums: [
        sum('total', '', { orders: 3, net: 900, tax: 100, total: 1_000 }),
        sum('total', '', { orders: 1, net: -90, tax: -10, total: -100 }),
        sum('refund', '', { orders: 1, total: -100 }),
        sum('tax', 'v21', { net: 500, tax: 105 }),
        sum('tax', 'v21', { net: -90, tax: -19 }),
        sum('tax', 'old', { net: 10, tax: 1 }),
        sum('discount', '', { total: 70 }),
        sum('tip', '', { total: 30 }),
        sum('rounding', '', { total: -2 }),
        sum('method', 'gone', { orders: 1, total: 5 }),
        sum('method', 'later', { orders: 1, total: 40 }),
        sum('method', 'card', { orders: 2, total: 300 }),
        sum('method', 'cash', { orders: 1, total: 500 }),
        sum('method', 'cash', { orders: 1, total: 55 }),
        sum('product', 'tea', { total: 1_000 }),
      ],
    })
    expect(figures).toMatchObject({
      orders: 4,
      refunds: 1,
      total: 900,
      net: 810,
      discounts: 70,
      tips: 30,
      rounding: -2,
    })
    expect(figures.taxes).toEqual([
      { tax: 'old', name: 'old', base: 10, amount: 1 },
      { tax: 'v21', name: '21 %', base: 410, amount: 86 },
    ])
    expect(
      figures.methods.map(({ method, name, payments, amount }) => [method, name, payments, amount]),
    ).toEqual([
      ['gone', 'gone', 1, 5],
      ['cash', 'Cash', 2, 555],
      ['card', 'Card', 2, 300],
      ['later', 'Account', 1, 40],
    ])
    expect(figures.cashExpected).toBe(10_555)
  })

  it('[M79] cash must be counted, cards count as expected, accounts never', () => {
    const figures = closingFigures({
      ...input,
      sums: [sum('method', 'card', { total: 300 }), sum('method', 'later', { total: 40 })],
    })
    expect(codeOf(() => closingCounts(figures, 'cash', new Map()))).toBe('till_invalid')
    const counts = closingCounts(figures, 'cash', new Map([['cash', 5_010]]))
    expect(counts.map(({ method, difference }) => [method, difference])).toEqual([
      ['cash', 10],
      ['card', 0],
    ])
    const wrong = closingCounts(
      figures,
      'cash',
      new Map([
        ['cash', 5_010],
        ['card', 250],
      ]),
    )
    expect(largestDifference(wrong)).toBe(50)
    expect(largestDifference(counts)).toBe(10)
    expect(closingCounts(figures, null, new Map())).toHaveLength(1)
    expect(largestDifference([])).toBe(0)
  })
})

describe('coins', () => {
  it('[M82] add up in minor units', () => {
    expect(coinSum({ '5000': 3, '20': 4, '1': 7 })).toBe(15_087)
    expect(coinSum({})).toBe(0)
  })

  it('[M82] the due and the round sums above it', () => {
    expect(quickAmounts(1_635, denominations('EUR', 2), 5)).toEqual([1_635, 1_700, 1_800, 2_000, 5_000])
    expect(quickAmounts(2_000, [5_000, 2_000, 1_000], 5)).toEqual([2_000, 5_000])
    expect(quickAmounts(320, denominations('EUR', 2), 5)).toEqual([320, 350, 400, 500, 1_000])
    expect(quickAmounts(400, [20, 19], 5)).toEqual([400])
    expect(quickAmounts(0, denominations('EUR', 2), 5)).toEqual([])
    expect(denominations('XYZ', 0)).toEqual([500, 200, 100, 50, 20, 10, 5, 2, 1])
    expect(denominations('XYZ', 3).at(-1)).toBe(1)
  })
})

describe('kitchen', () => {
  const kitchens: KitchenQuestion['kitchens'] = [
    { id: 'hot', name: 'Hot', printer: 'p1', categories: ['food'] },
    { id: 'bar', name: 'Bar', printer: 'p2', categories: ['drinks', 'soup'] },
  ]
  const above: Record<string, string[]> = { soup: ['soup', 'food'], beer: ['beer', 'drinks'], gift: ['gift'] }
  const lineage = (category: string | null) => above[category ?? ''] ?? []
  const ask = (more: Partial<KitchenQuestion>) => {
    const { changes, sent } = kitchenChanges({ lines: [], sent: {}, kitchens, lineage, ...more })
    return {
      sent,
      told: changes.flatMap(({ kitchen, changes }) =>
        changes.map((one) => `${kitchen.id} ${one.line} ${one.quantity}`),
      ),
    }
  }
  const soup = (quantity: string, more: Partial<OrderLine> = {}) =>
    lineOf('s', quantity, { category: 'soup', ...more })
  const beer = (quantity: string) => lineOf('b', quantity, { category: 'beer' })

  it('[M83] each place is told of its categories and those below', () => {
    const { told, sent } = ask({
      lines: [soup('2'), beer('1'), lineOf('g', '1', { category: 'gift' }), lineOf('n', '1')],
    })
    expect(told).toEqual(['hot s 2', 'bar s 2', 'bar b 1'])
    expect(sent).toEqual({ s: '2', b: '1' })
  })

  it('[M83] only what changed: more, less, gone', () => {
    expect(ask({ lines: [soup('2'), beer('1')], sent: { s: '2', b: '1' } }).told).toEqual([])
    expect(ask({ lines: [soup('3'), beer('0')], sent: { s: '2', b: '1' } })).toEqual({
      told: ['hot s 1', 'bar s 1', 'bar b -1'],
      sent: { s: '3' },
    })
    expect(ask({ lines: [soup('1.5')], gone: [beer('1')], sent: { s: '2', b: '1' } })).toEqual({
      told: ['hot s -0.5', 'bar s -0.5', 'bar b -1'],
      sent: { s: '1.5' },
    })
  })

  it('[M83] discounts, tips and what comes back are not cooked; notes and courses are told', () => {
    const lines = [
      soup('1', { kind: 'discount' }),
      soup('-1'),
      soup('1', { refundOf: { order: 'o', line: 'l' } }),
    ]
    for (const line of lines) expect(ask({ lines: [line] }).told).toEqual([])
    const { changes } = kitchenChanges({
      ...{ kitchens, lineage, sent: {} },
      lines: [soup('1', { note: 'to go', internalNote: 'no onions', course: 2 })],
    })
    expect(changes[0]?.changes[0]).toMatchObject({ note: 'no onions / to go', course: 2 })
  })
})
