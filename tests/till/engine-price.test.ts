/** Prices by pricelist: which rule counts, what it comes to, and how long that takes. */
import { describe, expect, it } from 'vitest'
import type { Pricelist, PriceRule, Product } from '../../src/protocol/till/catalogue.ts'
import { instantOf } from '../../src/till/engine/instant.ts'
import { type PriceQuestion, Pricer } from '../../src/till/engine/price.ts'
import { pricelist, product, rule } from './engine-shop-support.ts'

const noon = Date.UTC(2026, 10, 23, 12)

function priceOf(
  list: Pricelist | null,
  more: Partial<PriceQuestion> = {},
  others: readonly Pricelist[] = [],
) {
  return new Pricer().priceOf({
    product: product(),
    quantity: '1',
    pricelist: list,
    pricelistOf: (id) => others.find((other) => other.id === id),
    at: noon,
    lineage: [],
    priceDigits: 2,
    ...more,
  })
}

const fixed = (id: string, price: string, more: Partial<PriceRule> = {}) =>
  rule({ id, kind: 'fixed', price, ...more })
const tea: Product = product({ template: 'hot', category: 'green' })
const lineage = ['green', 'drinks', 'all']

describe('which rule', () => {
  const rules = [
    fixed('1', '1', { minQuantity: '100' }),
    fixed('2', '2', { category: 'all', minQuantity: '50' }),
    fixed('3', '3', { template: 'hot', minQuantity: '10' }),
    fixed('4', '4', { product: 'tea', minQuantity: '5' }),
  ]

  it('[M60] the narrowest counts, whatever others ask for', () => {
    const price = (quantity: string, list = rules) =>
      priceOf(pricelist('p', ...list), { product: tea, lineage, quantity })
    expect(price('100')).toBe('4.00')
    expect(price('100', rules.slice(0, 3))).toBe('3.00')
    expect(price('100', rules.slice(0, 2))).toBe('2.00')
    expect(price('100', rules.slice(0, 1))).toBe('1.00')
    expect(price('4')).toBe('10.00')
    expect(price('5')).toBe('4.00')
  })

  it('[M60] a rule with several targets goes by the narrowest of them', () => {
    const both = fixed('1', '7', { product: 'tea', category: 'elsewhere' })
    expect(priceOf(pricelist('p', both, fixed('2', '8', { template: 'hot' })), { product: tea })).toBe('7.00')
    expect(
      priceOf(pricelist('p', fixed('1', '7', { product: 'coffee', category: 'green' })), { lineage }),
    ).toBe('10.00')
  })

  it('[M60] then the higher least quantity, the nearer category, the higher id', () => {
    const price = (quantity: string, ...list: PriceRule[]) =>
      priceOf(pricelist('p', ...list), { product: tea, lineage, quantity })
    expect(
      price(
        '12',
        fixed('1', '1'),
        fixed('2', '2', { minQuantity: '12' }),
        fixed('3', '3', { minQuantity: '6' }),
      ),
    ).toBe('2.00')
    expect(price('1', fixed('1', '1', { category: 'drinks' }), fixed('2', '2', { category: 'all' }))).toBe(
      '1.00',
    )
    expect(
      price(
        '6',
        fixed('1', '1', { category: 'green' }),
        fixed('2', '2', { category: 'all', minQuantity: '6' }),
      ),
    ).toBe('2.00')
    expect(price('1', fixed('9', '9'), fixed('10', '8'))).toBe('8.00')
    expect(price('1', fixed('10', '8'), fixed('9', '9'))).toBe('8.00')
    expect(price('1', fixed('b', '2'), fixed('a', '1'))).toBe('2.00')
  })

  it('[M61] from and until are in it, a millisecond beyond is not', () => {
    const happy = fixed('1', '5', { from: '2026-11-23T17:00:00Z', until: '2026-11-23T18:59:59.999Z' })
    const [from, until] = [Date.UTC(2026, 10, 23, 17), Date.UTC(2026, 10, 23, 19) - 1]
    const prices = [from - 1, from, until, until + 1].map((at) => priceOf(pricelist('p', happy), { at }))
    expect(prices).toEqual(['10.00', '5.00', '5.00', '10.00'])
  })

  it('[M61] moments of the wire are those of the calendar', () => {
    const texts = [
      '1970-01-01T00:00Z',
      '2024-02-29T23:59:59.5Z',
      '2000-03-01T00:00:00Z',
      '2100-02-28T12:30:01.123456Z',
    ]
    expect(texts.map(instantOf)).toEqual(texts.map((text) => Date.parse(text)))
    expect(instantOf('tomorrow')).toBeNaN()
  })

  it('[M61] what is taken back is priced like as much that is sold', () => {
    const list = pricelist('p', fixed('1', '9'), fixed('2', '8', { minQuantity: '6' }))
    expect(['-1', '-5.999', '-6'].map((quantity) => priceOf(list, { quantity }))).toEqual([
      '9.00',
      '9.00',
      '8.00',
    ])
  })
})

describe('what it comes to', () => {
  it('[M62] without pricelist and without a rule that fits, the price is the product’s own', () => {
    expect(priceOf(null)).toBe('10.00')
    expect(priceOf(pricelist('p'))).toBe('10.00')
    expect(priceOf(null, { product: product({ price: '1.005' }) })).toBe('1.01')
    expect(priceOf(null, { product: product({ price: '0.0125' }), priceDigits: 4 })).toBe('0.0125')
    expect(priceOf(null, { product: product({ price: '108' }), priceDigits: 0 })).toBe('108')
  })

  it('[M62] percent takes off, and adds when it is negative', () => {
    expect(priceOf(pricelist('p', rule({ kind: 'percent', percent: '15' })))).toBe('8.50')
    expect(priceOf(pricelist('p', rule({ kind: 'percent', percent: '-12.5' })))).toBe('11.25')
  })

  it('[M62] formula: percent, multiple, surcharge, margins, in this order', () => {
    const price = (more: Partial<PriceRule>, own = '13.47') =>
      priceOf(pricelist('p', rule({ kind: 'formula', ...more })), { product: product({ price: own }) })
    expect(price({ percent: '10' })).toBe('12.12')
    expect(price({ percent: '10', roundTo: '0.5' })).toBe('12.00')
    expect(price({ percent: '10', roundTo: '10', surcharge: '-0.01' })).toBe('9.99')
    expect(price({ percent: '50', minMargin: '-2' })).toBe('11.47')
    expect(price({ surcharge: '5', maxMargin: '1.50' })).toBe('14.97')
    expect(price({ roundTo: '0.5' }, '0.25')).toBe('0.50')
    expect(price({ roundTo: '0.5' }, '-0.25')).toBe('-0.50')
  })

  it('[M62] nothing is rounded on the way through other lists', () => {
    const third = pricelist('third', rule({ kind: 'percent', percent: '33.333' }))
    const list = pricelist('p', rule({ kind: 'percent', percent: '-50', base: 'third' }))
    // 1.00 × 0.66667 × 1.5 = 1.000005; of 0.67 it would be 1.01.
    expect(priceOf(list, { product: product({ price: '1' }) }, [third])).toBe('1.00')
  })

  it('[M63] the base is cost, or another list for the same quantity and moment', () => {
    const wholesale = pricelist('w', fixed('1', '6', { minQuantity: '10' }), fixed('2', '8'))
    const list = pricelist('p', rule({ kind: 'percent', percent: '50', base: 'w' }))
    expect(priceOf(list, { quantity: '10' }, [wholesale])).toBe('3.00')
    expect(priceOf(list, { quantity: '9' }, [wholesale])).toBe('4.00')
    const cost = pricelist('p', rule({ kind: 'percent', percent: '-40', base: 'cost' }))
    expect(priceOf(cost, { product: product({ cost: '2.5' }) })).toBe('3.50')
  })

  it('[M63] what is missing and what goes round in a circle is named', () => {
    const on = (id: string, base: string) => pricelist(id, rule({ kind: 'percent', percent: '1', base }))
    const invalid = (reason: RegExp) =>
      expect.objectContaining({ code: 'till_invalid', message: expect.stringMatching(reason) })
    expect(() => priceOf(on('p', 'gone'))).toThrow(invalid(/pricelist\.p\.rule\.r1.*pricelist gone/))
    expect(() => priceOf(on('a', 'b'), {}, [on('b', 'a'), on('a', 'b')])).toThrow(invalid(/a > b > a/))
    expect(() => priceOf(on('p', 'cost'))).toThrow(invalid(/cost of the product tea/))
    expect(() => priceOf(pricelist('p', rule({ kind: 'fixed' })))).toThrow(invalid(/a price/))
  })
})

describe('a long pricelist', () => {
  it('[M64] 100,000 rules are sorted once and then answer in less than a millisecond', () => {
    const rules = Array.from({ length: 100_000 }, (_, index) =>
      fixed(`r${index}`, String(index % 1_000), {
        product: `p${index % 50_000}`,
        minQuantity: String(index % 7),
      }),
    )
    const list = { id: 'long', name: 'long', rules }
    const pricer = new Pricer()
    const ask = (index: number) =>
      pricer.priceOf({
        product: product({ id: `p${index}` }),
        quantity: '100',
        pricelist: list,
        pricelistOf: () => undefined,
        at: noon,
        lineage: [],
        priceDigits: 2,
      })
    ask(0)
    const begun = performance.now()
    const prices = Array.from({ length: 1_000 }, (_, index) => ask(index))
    expect((performance.now() - begun) / 1_000).toBeLessThan(1)
    // p0: rules 0 (from 0) and 50,000 (from 50,000 % 7 = 6): the higher least quantity.
    expect(prices[0]).toBe('0.00')
    expect(prices[5]).toBe('5.00')
    // A list that was put anew is another object, and is read anew.
    expect(
      pricer.priceOf({ ...question(product({ id: 'p5' })), pricelist: pricelist('long', fixed('1', '2')) }),
    ).toBe('2.00')
  })
})

const question = (asked: Product): PriceQuestion => ({
  product: asked,
  quantity: '1',
  pricelist: null,
  pricelistOf: () => undefined,
  at: noon,
  lineage: [],
  priceDigits: 2,
})
