/** Reports, stock and the proof of the ledger, over a shop that sells. Rules of docs/till-upstreams.md. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reportMethods } from '../../src/protocol/methods/till/reports.ts'
import type { SumRow } from '../../src/store/store.ts'
import type { TillCaller, TillParams } from '../../src/till/parts.ts'
import { Reports } from '../../src/till/reports/reports.ts'
import { Outbox } from '../../src/till/sync/outbox.ts'
import { memoryBooks, openSession, payRow } from '../store/support/till.ts'
import { call, line, openShop, type ShopBench, sellNow, staff, technician, till } from './orders-support.ts'
import { answer, bench, Office, ok, until } from './upstream-support.ts'

function reportsOf({ tools, people, catalogue }: ShopBench, outbox = new Outbox(tools, [])): Reports {
  return new Reports({ tools, people, catalogue, outbox })
}

/** Asked and answered as on the wire. */
async function ask(reports: Reports, params: object, caller: TillCaller = technician) {
  const { params: asked, result } = reportMethods['till.report']
  return result.parse(await reports.report(asked.parse(params) as TillParams<'till.report'>, caller))
}

const day = '2026-11-23'
const names = (rows: { name: string; total: number }[]) => rows.map(({ name, total }) => [name, total])

describe('sales', () => {
  async function soldShop() {
    const shop = await openShop()
    const reports = reportsOf(shop)
    await sellNow(shop, 'o1', [line('wine', '2'), line('bread', '1')])
    await shop.clock.advance(3_600_000)
    await sellNow(shop, 'o2', [line('bread', '3')], { register: 'r2' })
    await call(shop, 'refund', {
      ...{
        id: 'o3',
        register: 'r1',
        order: 'o1',
        lines: [{ line: (await firstLine(shop)).id, quantity: '1' }],
      },
    })
    const totals = (await call(shop, 'get', { id: 'o3' })).draft!.totals
    await call(shop, 'pay', {
      ...{ id: 'o3', version: 1, expectedTotal: totals.total },
      payments: [{ id: 'p1', method: 'card', amount: totals.total }],
    })
    return { shop, reports }
  }
  const firstLine = async (shop: ShopBench) => (await call(shop, 'get', { id: 'o1' })).sold!.lines[0]!

  it('[W40] by each dimension, with names, refunds taken off', async () => {
    const { reports } = await soldShop()
    const by = async (dimension: string, more: object = {}) =>
      ask(reports, { by: dimension, from: day, until: day, ...more })

    const products = await by('product')
    expect(products.rows.map(({ name, quantity, total }) => [name, quantity, total])).toEqual([
      ['Wine', '1', 1_999],
      ['Bread', '4', 1_000],
    ])
    expect(products.total).toMatchObject({ orders: 3, total: 2_999 })
    expect(products.total.net + products.total.tax).toBe(2_999)
    expect(names((await by('category')).rows)).toEqual([
      ['Drinks', 1_999],
      ['Food', 1_000],
    ])
    expect(names((await by('hour')).rows)).toEqual([
      ['08', 4_248],
      ['09', -1_249],
    ])
    expect(names((await by('day')).rows)).toEqual([[day, 2_999]])
    expect(names((await by('register')).rows)).toEqual([
      ['r1', 2_249],
      ['r2', 750],
    ])
    expect(names((await by('method')).rows)).toEqual([
      ['Cash', 4_998],
      ['Card', -1_999],
    ])
    const taxes = (await by('tax')).rows
    expect(taxes.map(({ name, net, tax }) => [name, net, tax])).toEqual([
      ['VAT 21 %', 1_652, 347],
      ['VAT 9 %', 917, 83],
    ])
    expect(names((await by('employee')).rows)).toEqual([['till-1', 2_999]])
    expect(names((await by('product', { register: 'r2' })).rows)).toEqual([['Bread', 750]])
    expect((await by('product', { limit: 1 })).rows.length).toBe(1)
    expect((await by('product', { limit: 1 })).total.total).toBe(2_999)
    expect(await ask(reports, { by: 'product', from: '2026-11-24', until: '2026-11-30' })).toEqual({
      rows: [],
      total: { orders: 0, net: 0, tax: 0, total: 0 },
    })
  })

  it('[W40] what was removed from the catalogue is called by its id', async () => {
    const { shop, reports } = await soldShop()
    await shop.store.till.catalogue.remove('product', 'wine')
    const { rows } = await ask(reports, { by: 'product', from: day, until: day })
    expect(rows.map(({ name }) => name)).toEqual(['wine', 'Bread'])
  })

  it('[W44] needs a cashier, and by payment method a manager where somebody counts blindly', async () => {
    const { shop, reports } = await soldShop()
    const logins = await staff(shop)
    const outcome = (by: string, more: object = {}, caller?: TillCaller) =>
      ask(reports, { by, from: day, until: day, ...more }, caller ?? till()).then(
        () => 'done',
        (error: { code?: string }) => error.code,
      )
    const monitor: TillCaller = { client: 'screen', name: 'screen', role: 'monitor' }
    expect(await outcome('day')).toBe('login_required')
    expect(await outcome('day', { login: logins.minimal })).toBe('right_missing')
    expect(await outcome('method', { login: logins.cashier })).toBe('done')
    expect(await outcome('method', {}, monitor)).toBe('done')

    const blind = { ...shop.catalogue.must('register', 'r1'), blindCount: true }
    await shop.catalogue.apply([{ kind: 'register', thing: blind }])
    expect(await outcome('method', { login: logins.cashier })).toBe('right_missing')
    expect(await outcome('method', { login: logins.cashier, register: 'r1' })).toBe('right_missing')
    expect(await outcome('method', { login: logins.cashier, register: 'r2' })).toBe('done')
    expect(await outcome('method', {}, monitor)).toBe('right_missing')
    expect(await outcome('day', { login: logins.cashier })).toBe('done')
    expect(await outcome('method', { login: logins.manager })).toBe('done')
  })

  it('[W41] until is not before from, and both days count', async () => {
    const { reports } = await soldShop()
    await expect(ask(reports, { by: 'day', from: '2026-11-24', until: day })).rejects.toMatchObject({
      code: 'params_invalid',
      context: { path: 'until' },
    })
    for (const [from, until] of [
      [day, '2026-11-24'],
      ['2026-11-22', day],
    ])
      expect((await ask(reports, { by: 'day', from, until })).total.orders).toBe(3)
  })

  it('[W40] any orders: every dimension is what adding them up by hand gives', async () => {
    const sale = fc.record({
      day: fc.constantFrom('2026-01-01', '2026-01-02', '2026-01-03', '2025-12-31'),
      register: fc.constantFrom('r1', 'r2'),
      key: fc.constantFrom('a', 'b', 'c'),
      quantityE6: fc.integer({ min: -5_000_000, max: 5_000_000 }),
      net: fc.integer({ min: -100_000, max: 100_000 }),
      tax: fc.integer({ min: -10_000, max: 10_000 }),
    })
    const store = await memoryBooks()
    await openSession(store, 's-r1', 'r1')
    await openSession(store, 's-r2', 'r2')
    let made = 0
    const all: SumRow[] = []
    await fc.assert(
      fc.asyncProperty(fc.array(sale, { minLength: 1, maxLength: 8 }), async (sales) => {
        for (const { day, register, key, ...amounts } of sales) {
          const row = {
            day,
            register,
            session: `s-${register}`,
            orders: 1,
            ...amounts,
            total: amounts.net + amounts.tax,
          }
          const sums: SumRow[] = [
            { ...row, dimension: 'total', key: '' },
            { ...row, dimension: 'product', key },
            { ...row, dimension: 'hour', key: `1${key}` },
          ]
          all.push(...sums)
          await store.till.orders.pay(payRow(`o${++made}`, { register, session: `s-${register}`, sums }))
        }
        const [from, until] = ['2026-01-01', '2026-01-02']
        for (const register of [undefined, 'r1'])
          for (const by of ['product', 'hour', 'day', 'register'] as const) {
            const dimension = by === 'day' || by === 'register' ? 'total' : by
            const groups = new Map<string, number[]>()
            for (const sum of all) {
              const out =
                sum.day < from || sum.day > until || (register !== undefined && sum.register !== register)
              if (out || sum.dimension !== dimension) continue
              const key = by === 'day' || by === 'register' ? sum[by] : sum.key
              const before = groups.get(key) ?? [0, 0, 0, 0, 0]
              const amounts = [sum.orders, sum.quantityE6, sum.net, sum.tax, sum.total]
              groups.set(
                key,
                before.map((amount, index) => amount + amounts[index]!),
              )
            }
            const { rows, total } = await store.till.reports.report({ by, from, until, register, limit: 500 })
            const found = rows.map(({ key, orders, quantityE6, net, tax, total }) => [
              key,
              orders,
              quantityE6,
              net,
              tax,
              total,
            ])
            expect(new Map(found.map(([key, ...amounts]) => [key, amounts]))).toEqual(groups)
            expect(total.total).toBe([...groups.values()].reduce((sum, amounts) => sum + amounts[4]!, 0))
            const order = rows.map(({ key, total }) => (by === 'hour' || by === 'day' ? key : -total))
            expect(order).toEqual(order.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
          }
      }),
      { numRuns: 25 },
    )
  })
})

describe('stock', () => {
  it('[W42] on hand as it was told, moved since; telling begins anew and is in the ledger', async () => {
    const shop = await openShop()
    const reports = reportsOf(shop)
    await sellNow(shop, 'o1', [line('bread', '3'), line('apples', '0.5')])
    expect((await reports.stock({ products: ['bread', 'apples', 'wine'] })).stock).toEqual([
      { product: 'bread', onHand: null, moved: '-3', syncedAt: null },
      { product: 'apples', onHand: null, moved: '-0.5', syncedAt: null },
      { product: 'wine', onHand: null, moved: '0', syncedAt: null },
    ])
    await reports.putStock({ stock: [{ product: 'bread', onHand: '12.5' }] }, technician)
    const syncedAt = new Date(shop.clock.now()).toISOString()
    await sellNow(shop, 'o2', [line('bread', '2')])
    expect((await reports.stock({ products: ['bread'] })).stock).toEqual([
      { product: 'bread', onHand: '12.5', moved: '-2', syncedAt },
    ])
    const entries = await shop.store.ledger.after(0, 100)
    expect(
      entries.filter(({ kind }) => kind === 'stock.synced').map(({ body }) => JSON.parse(body) as unknown),
    ).toEqual([{ stock: [{ product: 'bread', onHandE6: 12_500_000 }] }])
  })

  it('[W42] it needs a manager, and a product that is not there refuses all of it', async () => {
    const shop = await openShop()
    const reports = reportsOf(shop)
    const login = await staff(shop)
    const put = (product: string, login?: string) =>
      reports.putStock(
        {
          stock: [
            { product: 'bread', onHand: '1' },
            { product, onHand: '1' },
          ],
          login,
        },
        till(),
      )
    await expect(put('wine', login.cashier)).rejects.toMatchObject({ code: 'right_missing' })
    await expect(put('wine')).rejects.toMatchObject({ code: 'login_required' })
    await expect(put('unicorn', login.manager)).rejects.toMatchObject({
      code: 'till_unknown',
      context: { kind: 'product', id: 'unicorn', path: 'stock[1].product' },
    })
    expect((await reports.stock({ products: ['bread'] })).stock[0]?.onHand).toBeNull()
    await put('wine', login.manager)
    expect((await reports.stock({ products: ['bread'] })).stock[0]?.onHand).toBe('1')
  })
})

describe('the ledger and the outbox', () => {
  it('[W43] proves the ledger', async () => {
    const shop = await openShop()
    const reports = reportsOf(shop)
    await sellNow(shop, 'o1', [line('bread')])
    const entries = await shop.store.ledger.after(0, 100)
    const proof = reportMethods['till.ledger.verify'].result.parse(await reports.verifyLedger())
    expect(proof).toMatchObject({
      entries: entries.length,
      head: entries.at(-1)?.hash,
      broken: null,
      reason: null,
    })
    expect(proof.keys.length).toBe(1)
  })

  it('[W8] a retry is for managers', async () => {
    const shop = await openShop()
    const office = await Office.open((_, response) => answer(response, 400))
    const { outbox, status } = bench(shop.store, office)
    const reports = reportsOf(shop, outbox)
    const login = await staff(shop)
    outbox.start()
    await until(async () => ((await status()).upstreams[0]?.parked ?? 0) === 2)
    office.behaviour = (_, response) => ok(response)
    const again = (as?: string) => reports.outboxRetry({ upstream: 'office', login: as }, till())
    await expect(again(login.minimal)).rejects.toMatchObject({ code: 'right_missing' })
    await expect(again(login.cashier)).rejects.toMatchObject({ code: 'right_missing' })
    expect((await again(login.manager)).retried).toBeGreaterThan(0)
    await until(async () => (await status()).upstreams[0]?.sent === 2)
    expect((await reports.outboxStatus()).upstreams[0]).toMatchObject({ sold: 2, sent: 2, parked: 0 })
    expect((await reports.outboxList({ upstream: 'office', limit: 1 })).items.length).toBe(1)
  })
})
