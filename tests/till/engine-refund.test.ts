/** What comes back: the sale turned round, whole or in parts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { computeOrder } from '../../src/till/engine/compute.ts'
import type { ComputedOrder } from '../../src/till/engine/contract.ts'
import { add, parseDecimal } from '../../src/till/engine/decimal.ts'
import { quantityText } from '../../src/till/engine/quantity.ts'
import { type RefundedOrder, type RefundWish, refundLines } from '../../src/till/engine/refund.ts'
import { termsOf } from './corpus/first-opinion.ts'
import { generateOrder } from './corpus/generate.ts'
import type { WorkedOrder } from './corpus/worked-order.ts'
import { orderLine, paid } from './engine-shop-support.ts'

/** A sale of the corpus: nothing in it comes back by itself. */
function sale(seed: number): WorkedOrder {
  const order = generateOrder(seed)
  return {
    ...order,
    lines: order.lines.map((line) => ({ ...line, quantity: line.quantity.replace('-', '') })),
  }
}

const back = (order: WorkedOrder, original: RefundedOrder, wanted?: RefundWish[], before = {}) =>
  computeOrder(refundLines(original, wanted, before), { ...termsOf(order), discount: '0', tip: 0 })

const opposite = (value: number) => (value === 0 ? 0 : -value)
const figures = ({ lines, totals }: ComputedOrder) => ({
  lines: lines
    .map(({ id, net, tax, gross }) => ({ id, net, tax, gross }))
    .sort((a, b) => (a.id < b.id ? -1 : 1)),
  ...{ net: totals.net, tax: totals.tax, total: totals.total, rounding: totals.rounding, tip: totals.tip },
  discounts: totals.discounts,
  taxes: totals.taxes.map(({ tax, base, amount }) => ({ tax, base, amount })),
})
const turned = (value: unknown): unknown =>
  typeof value === 'number'
    ? opposite(value)
    : Array.isArray(value)
      ? value.map(turned)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, turned(one)]))
        : value

const simple = (more: Partial<RefundedOrder> = {}): RefundedOrder => ({
  id: 'sale',
  refund: false,
  rules: { currencyDigits: 2, taxes: [] },
  lines: [orderLine({ quantity: '3', gross: 3000 }), orderLine({ id: 'l2', quantity: '1' })],
  ...more,
})

describe('all of it', () => {
  it('[M73] is the exact opposite of the sale in every total, tax and line', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (seed) => {
        const order = sale(seed)
        const original = paid(order)
        const sold = figures(original)
        expect(figures(back(order, original))).toEqual(turned(sold))
      }),
      { numRuns: 400 },
    )
  })

  it('[M73] keeps price, discount, taxes, lots and note, and says what it refunds', () => {
    const line = orderLine({
      ...{ price: '9.99', discount: '12.5', taxes: ['v'], lots: ['A', 'B'], quantity: '2', note: 'gift' },
      ...{ internalNote: 'no onions', course: 2, weighing: 'w1', priceKind: 'manual' },
    })
    const [turnedLine] = refundLines(simple({ lines: [line] }), undefined, {})
    const { net, tax, gross, internalNote, course, weighing, ...kept } = line
    expect(turnedLine).toEqual({
      ...kept,
      quantity: '-2',
      priceKind: 'original',
      refundOf: { order: 'sale', line: 'l1' },
    })
  })

  it('[M73] what came back before is not in it', () => {
    const lines = refundLines(simple(), undefined, { l1: '1', l2: '1' })
    expect(lines.map(({ id, quantity }) => [id, quantity])).toEqual([['l1', '-2']])
    expect(refundLines(simple(), undefined, { l1: '3', l2: '1' })).toEqual([])
  })

  it('[M73] a line that was negative itself comes back the other way round', () => {
    const order = simple({ lines: [orderLine({ quantity: '-2', gross: -2000 })] })
    expect(refundLines(order, [{ line: 'l1', quantity: '2' }], {})[0]?.quantity).toBe('2')
  })
})

describe('in parts', () => {
  it('[M74] parts bring the whole discount and tip back, and no more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.array(fc.nat(99), { minLength: 9, maxLength: 9 }),
        (seed, at) => {
          const order: WorkedOrder = { ...sale(seed), discount: '10', tip: 500 }
          const original = paid(order)
          const goods = original.lines.filter(({ kind }) => kind === 'item')
          // First a part of each line, then what is left.
          const parts = goods.flatMap(({ id, quantity }, index) => {
            const part = Math.floor((Number(quantity) * (at[index] ?? 0)) / 100)
            return part > 0 ? [{ line: id, quantity: String(part) }] : []
          })
          const first = refundLines(original, parts, {})
          const before = Object.fromEntries(parts.map(({ line, quantity }) => [line, quantity]))
          const rest = refundLines(original, undefined, before)
          const made = (kind: string, id: string) =>
            quantityText(
              [...first, ...rest]
                .filter((line) => line.kind === kind && line.id === id)
                .map(({ price }) => parseDecimal(price))
                .reduce(add, parseDecimal('0')),
            )
          for (const line of original.lines)
            if (line.kind !== 'item')
              expect(made(line.kind, line.id)).toBe(quantityText(parseDecimal(line.price)))
          const isWhole = parts.length === goods.length && rest.length === 0
          expect(first.some(({ kind }) => kind === 'tip')).toBe(isWhole)
        },
      ),
    )
  })

  it('[M74] a third of the goods brings a third of the discount, a refund without the last goods no tip', () => {
    const discount = orderLine({ id: 'discount', kind: 'discount', price: '-1.00', gross: -100 })
    const tip = orderLine({ id: 'tip', kind: 'tip', price: '2', gross: 200 })
    const order = simple({ lines: [orderLine({ quantity: '3', gross: 3000 }), discount, tip] })
    const one = (before: Record<string, string>) =>
      refundLines(order, [{ line: 'l1', quantity: '1' }], before).map(({ id, quantity, price }) => [
        id,
        quantity,
        price,
      ])
    expect(one({})).toEqual([
      ['l1', '-1', '10'],
      ['discount', '-1', '-0.33'],
    ])
    expect(one({ l1: '1' })).toEqual([
      ['l1', '-1', '10'],
      ['discount', '-1', '-0.34'],
    ])
    expect(one({ l1: '2' })).toEqual([
      ['l1', '-1', '10'],
      ['discount', '-1', '-0.33'],
      ['tip', '-1', '2'],
    ])
  })

  it('[M74] each combination of taxes gets its own discount back', () => {
    const order = simple({
      lines: [
        orderLine({ taxes: ['a'] }),
        orderLine({ id: 'l2', taxes: ['b'], gross: 5000, price: '50' }),
        orderLine({ id: 'da', kind: 'discount', taxes: ['a'], price: '-1', gross: -100 }),
        orderLine({ id: 'db', kind: 'discount', taxes: ['b'], price: '-5', gross: -500 }),
      ],
    })
    const found = refundLines(order, [{ line: 'l2', quantity: '1' }], {})
    expect(found.map(({ id }) => id)).toEqual(['l2', 'db'])
  })
})

describe('what cannot come back', () => {
  const refusal = (wanted: RefundWish[], before: Record<string, string> = {}, order = simple()) => {
    try {
      refundLines(order, wanted, before)
    } catch (error) {
      return (error as { code: string }).code
    }
    return 'nothing'
  }

  it('[M75] more than is left, down to the last millionth', () => {
    expect(refusal([{ line: 'l1', quantity: '3' }])).toBe('nothing')
    expect(refusal([{ line: 'l1', quantity: '3.000001' }])).toBe('refund_exceeded')
    expect(refusal([{ line: 'l1', quantity: '2' }], { l1: '2' })).toBe('refund_exceeded')
    expect(refusal([{ line: 'l1', quantity: '1' }], { l1: '2' })).toBe('nothing')
  })

  it('[M75] lines of elsewhere, twice, nothing, discounts and tips alone', () => {
    const lines = [orderLine(), orderLine({ id: 'tip', kind: 'tip' })]
    expect(refusal([{ line: 'gone', quantity: '1' }])).toBe('till_unknown')
    expect(refusal([{ line: 'l1', quantity: '0' }])).toBe('till_invalid')
    expect(refusal([{ line: 'l1', quantity: '-1' }])).toBe('till_invalid')
    expect(refusal([{ line: 'tip', quantity: '1' }], {}, simple({ lines }))).toBe('till_invalid')
    const twice = { line: 'l1', quantity: '1' }
    expect(refusal([twice, twice])).toBe('till_invalid')
  })

  it('[M75] a refund, and what came back from another order', () => {
    expect(refusal([{ line: 'l1', quantity: '1' }], {}, simple({ refund: true }))).toBe('till_invalid')
    const lines = [orderLine({ quantity: '-1', refundOf: { order: 'other', line: 'x' } })]
    expect(refusal([{ line: 'l1', quantity: '1' }], {}, simple({ lines }))).toBe('till_invalid')
  })

  it('[M75] lots that were not sold; of a part only those that are named', () => {
    const order = simple({ lines: [orderLine({ quantity: '2', lots: ['A', 'B'] })] })
    const lots = (wanted: RefundWish) => refundLines(order, [wanted], {})[0]?.lots
    expect(lots({ line: 'l1', quantity: '1', lots: ['B'] })).toEqual(['B'])
    expect(lots({ line: 'l1', quantity: '1' })).toEqual([])
    expect(lots({ line: 'l1', quantity: '2' })).toEqual(['A', 'B'])
    expect(refusal([{ line: 'l1', quantity: '1', lots: ['C'] }], {}, order)).toBe('till_invalid')
  })
})
