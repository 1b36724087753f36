/** Random hands at the cart of the browser, over random shops: the screen shows what the hub works out, line by line. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeypadKey } from '../../src/ui/till/contract.ts'
import { settle } from '../support/clock.ts'
import { call, failure } from './orders-support.ts'
import { type CartBench, openCart } from './ui-cart-support.ts'

const runs = 150

type Step = (at: CartBench, number: number) => unknown

/** Where something was weighed: the hub forgets that after half an hour, and the page cannot know. */
const weighed = new WeakSet<CartBench>()

const more = {
  tax: [
    { id: 'eco', name: 'Levy', kind: 'fixed', amount: '0.15', sequence: 1 },
    { id: 'lux', name: 'Luxury', kind: 'percent', amount: '3.5', affectsBase: true, sequence: 2 },
    { id: 'two', name: 'Two', kind: 'group', children: ['lux', 'top'] },
    { id: 'div', name: 'Division', kind: 'division', amount: '12.5', included: true },
    { id: 'charge', name: 'Reverse', kind: 'percent', amount: '19', reverseCharge: true },
  ],
  product: [
    { id: 'lamp', name: 'Lamp', price: '7.77', taxes: ['eco', 'two'], category: 'hot' },
    { id: 'book', name: 'Book', price: '0.3333', taxes: ['div'], cost: '0.2', template: 'books' },
    {
      id: 'ink',
      name: 'Ink',
      price: '3.05',
      attributes: [{ name: 'Colour', value: 'Blue' }],
      template: 'books',
    },
    { id: 'serve', name: 'Service abroad', price: '99.995', taxes: ['charge'], kind: 'service' },
  ],
  pricelist: [
    {
      id: 'mixed',
      name: 'Mixed',
      rules: [
        { id: 'a', kind: 'percent', percent: '12.5', category: 'food', minQuantity: '3' },
        { id: 'b', kind: 'formula', percent: '7', roundTo: '0.05', surcharge: '-0.01', template: 'books' },
        { id: 'c', kind: 'formula', base: 'happy', percent: '-3', minMargin: '0.1', maxMargin: '40' },
        {
          ...{ id: 'd', kind: 'fixed', price: '1.11', product: 'bread' },
          ...{ from: '2026-11-23T10:00:00Z', until: '2026-11-23T11:30:00Z' },
        },
        { id: 'e', kind: 'percent', percent: '20', base: 'cost', product: 'ink' },
      ],
    },
  ],
  fiscalPosition: [
    { id: 'home', name: 'At home', taxes: [{ from: 't9', to: ['t21', 'eco'] }] },
    { id: 'free', name: 'Free', taxes: null },
  ],
}

const shops = fc.record({
  shop: fc.record({
    taxRounding: fc.constantFrom('per-tax' as const, 'per-line' as const),
    priceDigits: fc.constantFrom(2, 2, 4),
    currencyDigits: fc.constantFrom(2, 2, 2, 0, 3),
    language: fc.constantFrom('en' as const, 'fr' as const),
  }),
  register: fc.record({
    cashRounding: fc.constantFrom(
      null,
      { step: 5, method: 'nearest', cashOnly: true },
      { step: 5, method: 'up', cashOnly: false },
      { step: 10, method: 'nearest', cashOnly: false },
    ),
    defaultCustomer: fc.constantFrom(null, null, 'joe'),
    pricelist: fc.constantFrom(null, 'mixed', 'many'),
    fiscalPosition: fc.constantFrom(null, null, 'home'),
    pricelists: fc.constant(['happy', 'many', 'mixed']),
    fiscalPositions: fc.constant(['export', 'free']),
  }),
})

const plain = [
  'bread',
  'soup',
  'wine',
  'shirt',
  'crate',
  'milk',
  'repair',
  'lamp',
  'book',
  'serve',
  'old',
] as const
const chosen = ({ cart }: CartBench, at: number) => {
  const { lines } = cart.state.value
  return lines[at % Math.max(1, lines.length)]?.id ?? ''
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom(...plain).map(
      (id): Step =>
        ({ add }) =>
          add(id),
    ),
  },
  fc.integer({ min: 1, max: 4_000 }).map(
    (g): Step =>
      ({ add }) =>
        add('apples', { quantity: String(g / 1_000) }),
  ),
  fc.constantFrom('1.234', '0.5').map(
    (weight): Step =>
      async (at, number) => {
        const { add, bench } = at
        bench.scale.weight = weight
        const id = `w${number}`
        const { net } = await call(bench, 'weigh', { id, register: 'r1', product: 'apples' })
        await add('apples', { quantity: net, weighing: id })
        weighed.add(at)
      },
  ),
  fc.constantFrom(undefined, '4.567', '-3').map(
    (price): Step =>
      ({ add }) =>
        add('misc', { price }),
  ),
  fc.integer({ min: 1, max: 3 }).map(
    (count): Step =>
      ({ add }, number) =>
        add('phone', { lots: Array.from({ length: count }, (_, at) => `S${number}-${at}`) }),
  ),
  {
    weight: 6,
    arbitrary: fc
      .constantFrom<KeypadKey[]>(
        ['2'],
        ['1', '2'],
        ['3', 'decimal', '5'],
        ['sign'],
        ['back'],
        ['back', 'back'],
      )
      .map(
        (keys): Step =>
          ({ cart }) => {
            for (const key of keys) cart.press(key)
          },
      ),
  },
  fc.constantFrom('quantity', 'discount', 'price').map(
    (mode): Step =>
      ({ cart }) =>
        cart.setMode(mode),
  ),
  fc.nat(9).map(
    (at): Step =>
      (bench) =>
        bench.cart.select(chosen(bench, at)),
  ),
  fc.constant<Step>(({ cart }) => cart.multiply()),
  fc.nat(9).map(
    (at): Step =>
      (bench) =>
        bench.cart.removeLine(chosen(bench, at)),
  ),
  fc
    .record({
      at: fc.nat(9),
      discount: fc.constantFrom('0', '33.3333', '100'),
      note: fc.constantFrom('', 'n'),
    })
    .map(
      ({ at, ...change }): Step =>
        (bench) =>
          bench.cart.changeLine(chosen(bench, at), change),
    ),
  fc.constantFrom('0', '7', '12.5').map(
    (discount): Step =>
      ({ cart }) =>
        cart.change({ discount }),
  ),
  fc.constantFrom(0, 123, 500).map(
    (tip): Step =>
      ({ cart }) =>
        cart.change({ tip }),
  ),
  fc.constantFrom(undefined, null, 'happy', 'many', 'mixed', 'gone').map(
    (pricelist): Step =>
      ({ cart }) =>
        cart.change({ pricelist }),
  ),
  fc.constantFrom(undefined, null, 'export', 'free').map(
    (fiscalPosition): Step =>
      ({ cart }) =>
        cart.change({ fiscalPosition }),
  ),
  fc.constantFrom(null, 'ines', 'joe').map(
    (id): Step =>
      async ({ bench, cart }) => {
        cart.change({ customer: id === null ? null : await bench.catalogue.customer(id) })
      },
  ),
  fc.constant<Step>(({ cart }) => cart.undo()),
  fc.constantFrom(1, 1_800_000, 3_600_000).map(
    (ms): Step =>
      (at) =>
        weighed.has(at) ? undefined : at.advance(ms),
  ),
  { weight: 2, arbitrary: fc.constant<Step>(keep) },
)

/** Parks it on the hub, and goes on with the draft. */
async function keep({ bench, cart }: CartBench): Promise<void> {
  const state = cart.state.value
  if (cart.worked.value.problem !== null || cart.empty.value) return
  const draft = await call(bench, 'save', { version: state.version, order: cart.toInput() })
  cart.load({ ...state, draft, version: draft.version, tracking: draft.tracking })
}

/** What the hub says of the same order. */
async function hubSays({ bench, cart }: CartBench) {
  return call(bench, 'compute', { order: cart.toInput() })
}

describe('the cart against the hub', () => {
  it('[TUC15] every line and every total is what the hub makes of it, and what the hub refuses has a problem', async () => {
    const reached = { alike: 0, problems: 0, lines: 0 }
    const shopAndSteps = fc.asyncProperty(
      shops,
      fc.array(step, { minLength: 4, maxLength: 24 }),
      async (options, steps) => {
        const at = await openCart({ ...options, more })
        for (const [number, act] of steps.entries()) {
          await act(at, number)
          await settle()
        }
        const { due, lines, problem, rules, totals } = at.cart.worked.value
        if (problem !== null) {
          expect((await failure(hubSays(at))).code).toBe(problem.code)
          reached.problems++
          return
        }
        const hub = await hubSays(at)
        expect(lines).toEqual(hub.lines)
        expect(totals).toEqual(hub.totals)
        expect(rules).toEqual(hub.rules)
        expect(due).toBe(hub.totals.total + hub.totals.rounding)
        reached.alike++
        reached.lines += lines.length
      },
    )
    await fc.assert(shopAndSteps, { numRuns: runs })
    // Not all of them were empty, and not all of them refused.
    expect(reached.alike).toBeGreaterThan(runs / 3)
    expect(reached.lines).toBeGreaterThan(runs)
    expect(reached.problems).toBeGreaterThan(0)
  }, 120_000)
})
