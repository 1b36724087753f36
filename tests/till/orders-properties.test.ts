/** Random carts, paid in random ways by several tills: what is due is paid, and every sum is the sum of the orders. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CashRounding } from '../../src/protocol/till/catalogue.ts'
import type { PaidOrder } from '../../src/protocol/till/order.ts'
import type { SumRow } from '../../src/store/store.ts'
import { settle } from '../support/clock.ts'
import { call, line, openShop, order, type ShopBench, till } from './orders-support.ts'

const runs = 25

interface Cart {
  lines: { product: string; quantity: string; discount: string; price?: string }[]
  discount: string
  tip: number
  customer: string | null
  pays: 'cash' | 'card' | 'both' | 'notes'
  /** Refunded at once, in whole. */
  back: boolean
  register: string
  hours: number
}

const lineOf = fc.oneof(
  fc.record({
    product: fc.constantFrom('bread', 'wine', 'repair', 'shirt'),
    quantity: fc.integer({ min: -1, max: 9 }).map(String),
    discount: fc.constantFrom('0', '0', '10', '33.3333', '100'),
  }),
  fc.record({
    product: fc.constant('apples'),
    quantity: fc.integer({ min: 1, max: 3_000 }).map((grams) => (grams / 1_000).toFixed(3)),
    discount: fc.constantFrom('0', '5'),
  }),
  fc.record({
    product: fc.constant('misc'),
    quantity: fc.integer({ min: 1, max: 3 }).map(String),
    discount: fc.constant('0'),
    price: fc.integer({ min: 1, max: 99_999 }).map((cents) => (cents / 100).toFixed(2)),
  }),
)
const cart: fc.Arbitrary<Cart> = fc.record({
  lines: fc.array(lineOf, { minLength: 1, maxLength: 5 }),
  discount: fc.constantFrom('0', '0', '7', '12.5'),
  tip: fc.constantFrom(0, 0, 123),
  customer: fc.constantFrom(null, 'ines', 'joe'),
  pays: fc.constantFrom('cash', 'card', 'both', 'notes'),
  back: fc.boolean(),
  register: fc.constantFrom('r1', 'r2'),
  hours: fc.integer({ min: 0, max: 9 }),
})
const rounding: fc.Arbitrary<CashRounding | null> = fc.constantFrom(
  null,
  { step: 5, method: 'nearest', cashOnly: true },
  { step: 5, method: 'up', cashOnly: false },
)

/** Nearest step, half away from zero; a second opinion on what cash has to be. */
const inCoins = (amount: number, rule: CashRounding | null): number =>
  rule?.cashOnly === true ? Math.sign(amount) * Math.round(Math.abs(amount) / rule.step) * rule.step : amount

function paymentsOf({ pays }: Pick<Cart, 'pays'>, due: number, rule: CashRounding | null) {
  const some = (list: { id: string; method: string; amount: number }[]) =>
    list.filter(({ amount }) => amount !== 0)
  const half = Math.trunc(due / 2)
  if (pays === 'card') return some([{ id: 'c', method: 'card', amount: due }])
  if (pays === 'both')
    return some([
      { id: 'c', method: 'card', amount: half },
      { id: 'n', method: 'cash', amount: inCoins(due - half, rule) },
    ])
  const exact = inCoins(due, rule)
  const notes = pays === 'notes' && exact > 0 ? Math.ceil(exact / 1_000) * 1_000 : exact
  return some([{ id: 'n', method: 'cash', amount: notes }])
}

/** Sells a cart, each request twice; answers what was sold. */
async function sell(bench: ShopBench, index: number, wanted: Cart, rule: CashRounding | null): Promise<void> {
  const id = `o${index}`
  const input = order(
    id,
    wanted.lines.map(({ product, quantity, ...more }) => line(product, quantity, more)),
    { register: wanted.register, discount: wanted.discount, tip: wanted.tip, customer: wanted.customer },
  )
  await bench.clock.advance(wanted.hours * 3_600_000)
  if (!wanted.lines.some(({ quantity }) => Number(quantity) !== 0)) return
  const draft = await call(bench, 'save', { version: 0, order: input })
  const due = draft.totals.total + draft.totals.rounding
  const pay = {
    ...{ id, version: 1, expectedTotal: draft.totals.total },
    payments: paymentsOf(wanted, due, rule),
  }
  const [one, two] = await Promise.all([call(bench, 'pay', pay), call(bench, 'pay', pay)])
  expect(two).toMatchObject({ reference: one.reference, ledger: one.ledger })
  await settle()
  if (!wanted.back || wanted.lines.some(({ quantity }) => Number(quantity) <= 0)) return
  const refund = await call(bench, 'refund', { id: `f${index}`, register: wanted.register, order: id })
  expect(refund.totals.total).toBe(0 - draft.totals.total)
  const back = { id: refund.id, version: 1, expectedTotal: refund.totals.total }
  const owed = refund.totals.total + refund.totals.rounding
  await call(bench, 'pay', { ...back, payments: paymentsOf({ pays: 'cash' }, owed, rule) })
}

type Sums = Map<string, [orders: number, quantityE6: number, net: number, tax: number, total: number]>

/** The sums as they should be, worked out from the ledger in another way than the till does it. */
function expected(orders: readonly PaidOrder[]): Sums {
  const sums: Sums = new Map()
  for (const paid of orders) {
    const mine: Sums = new Map()
    const add = (key: string, quantity: number, net: number, tax: number, total: number) => {
      const row = mine.get(key) ?? [1, 0, 0, 0, 0]
      mine.set(key, [1, row[1] + Math.round(quantity * 1e6), row[2] + net, row[3] + tax, row[4] + total])
    }
    const pieces = paid.lines
      .filter(({ kind }) => kind === 'item')
      .reduce((all, l) => all + Number(l.quantity), 0)
    const { net, tax, total, tip, discounts, taxes } = paid.totals
    add('total ', pieces, net, tax, total)
    add(`hour ${paid.paidAt.slice(11, 13)}`, pieces, net, tax, total)
    add(`employee ${paid.employee}`, pieces, net, tax, total)
    if (paid.refund) add('refund ', pieces, net, tax, total)
    for (const { kind, product, category, quantity, ...money } of paid.lines)
      for (const key of [`product ${product}`, `category ${category ?? ''}`])
        add(key, kind === 'item' ? Number(quantity) : 0, money.net, money.tax, money.gross)
    for (const one of taxes) add(`tax ${one.tax}`, 0, one.base, one.amount, one.base + one.amount)
    if (tip !== 0) add('tip ', 0, 0, 0, tip)
    if (discounts !== 0) add('discount ', 0, 0, 0, discounts)
    if (paid.paid !== total) add('rounding ', 0, 0, 0, paid.paid - total)
    for (const { method, amount, change } of paid.payments) {
      const [count, , , , sum] = mine.get(`method ${method}`) ?? [0, 0, 0, 0, 0]
      mine.set(`method ${method}`, [count + (change ? 0 : 1), 0, 0, 0, sum + amount])
    }
    for (const [key, row] of mine) {
      const before = sums.get(key) ?? [0, 0, 0, 0, 0]
      sums.set(key, row.map((value, at) => value + (before[at] ?? 0)) as typeof row)
    }
  }
  return sums
}

const dimensions: SumRow['dimension'][] = [
  ...(['total', 'hour', 'product', 'category', 'employee', 'tax'] as const),
  ...(['method', 'discount', 'tip', 'rounding', 'refund'] as const),
]

async function kept(bench: ShopBench): Promise<Sums> {
  const sums: Sums = new Map()
  for (const by of dimensions) {
    const { rows } = await bench.store.till.reports.report({
      by,
      from: '2026-01-01',
      until: '2027-12-31',
      limit: 500,
    })
    for (const { key, orders, quantityE6, net, tax, total } of rows)
      sums.set(`${by} ${key}`, [orders, quantityE6, net, tax, total])
  }
  return sums
}

async function paidOrders(bench: ShopBench): Promise<PaidOrder[]> {
  const entries = await bench.store.ledger.after(0, 1_000)
  return entries.filter(({ kind }) => kind === 'order').map(({ body }) => JSON.parse(body) as PaidOrder)
}

describe('random carts', () => {
  it('[R33] what is due is paid, sums are those of the orders, numbers have no gaps, and repeating changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cart, { minLength: 1, maxLength: 8 }), rounding, async (carts, rule) => {
        const bench = await openShop({ register: { cashRounding: rule } })
        for (const [index, wanted] of carts.entries()) await sell(bench, index, wanted, rule)
        const orders = await paidOrders(bench)
        for (const { paid, payments, totals, cashRounding, lines } of orders) {
          expect(payments.reduce((sum, { amount }) => sum + amount, 0)).toBe(paid)
          expect(paid).toBe(totals.total + totals.rounding + cashRounding)
          expect(lines.reduce((sum, { gross }) => sum + gross, 0)).toBe(totals.total)
          expect(Math.abs(paid - totals.total)).toBeLessThan(rule?.step ?? 1)
        }
        expect(await kept(bench)).toEqual(expected(orders))
        for (const register of ['r1', 'r2']) {
          const numbers = orders.filter((paid) => paid.register === register).map(({ number }) => number)
          expect(numbers).toEqual(numbers.map((_, index) => index + 1))
          const cash = orders
            .filter((paid) => paid.register === register)
            .flatMap(({ payments }) => payments.filter(({ method }) => method === 'cash'))
            .reduce((sum, { amount }) => sum + amount, 10_000)
          const report = await bench.sessions.report({ session: `s-${register}` }, till())
          expect(report.cashExpected).toBe(cash)
        }
      }),
      { numRuns: runs },
    )
  }, 60_000)

  it('[R27] tills that save, hold and pay the same drafts at once sell each one exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('pay', 'save', 'hold', 'cancel', 'inline'), { minLength: 2, maxLength: 6 }),
        async (deeds) => {
          const bench = await openShop()
          const bread = line('bread')
          await call(bench, 'save', { version: 0, order: order('o1', [bread]) })
          const pay = { id: 'o1', expectedTotal: 250, payments: [{ id: 'p', method: 'cash', amount: 250 }] }
          const ends = await Promise.allSettled(
            deeds.map((deed, index) => {
              const who = till(`till-${index}`)
              if (deed === 'pay') return call(bench, 'pay', { ...pay, version: 1 }, who)
              if (deed === 'inline') return call(bench, 'pay', { ...pay, order: order('o1', [bread]) }, who)
              if (deed === 'save')
                return call(bench, 'save', { version: 1, order: order('o1', [bread]) }, who)
              if (deed === 'hold') return call(bench, 'hold', { id: 'o1', ms: 1_000 }, who)
              return call(bench, 'cancel', { id: 'o1', version: 1 }, who)
            }),
          )
          const sold = (await paidOrders(bench)).length
          const cancelled = (await bench.store.ledger.after(0, 100)).filter(
            ({ kind }) => kind === 'order.cancelled',
          ).length
          const drafts = (await call(bench, 'list', { state: 'draft' })).orders.length
          expect(sold + cancelled + drafts).toBe(1)
          const done = (...which: string[]) =>
            ends.filter(({ status }, index) => status === 'fulfilled' && which.includes(deeds[index] ?? ''))
          const kinds = ['pay', 'inline'].filter((kind) => done(kind).length > 0)
          expect(kinds).toHaveLength(sold)
        },
      ),
      { numRuns: runs },
    )
  }, 60_000)
})
