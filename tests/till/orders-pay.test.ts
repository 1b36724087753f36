/** Paying: what is refused, what is filed, what follows, and that a repeated request is the same order. */
import { describe, expect, it } from 'vitest'
import { catalogueSchemas } from '../../src/protocol/till/catalogue.ts'
import { orderLimits } from '../../src/till/orders/parts.ts'
import { settle } from '../support/clock.ts'
import {
  call,
  card,
  cash,
  failure,
  line,
  openShop,
  order,
  save,
  sellNow,
  staff,
  till,
} from './orders-support.ts'

describe('paying', () => {
  it('[R19] a draft is paid at the prices that it was saved with, and is gone then', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [line('bread', '2')], { table: 'tab1', label: 'Window', guests: 2 })
    const dearer = catalogueSchemas.product.parse({ id: 'bread', name: 'Bread', price: '9' })
    await bench.catalogue.apply([{ kind: 'product', thing: dearer }])
    const sold = await call(bench, 'pay', {
      id: 'o1',
      version: 1,
      expectedTotal: 500,
      payments: [cash(1_000)],
    })
    expect(sold).toMatchObject({
      ...{ state: 'paid', number: 1, reference: 'K7-1-000001', session: 's-r1', refund: false },
      ...{ paid: 500, change: 500, cashRounding: 0, table: 'tab1', label: 'Window', guests: 2 },
    })
    expect(sold.payments.map(({ amount, change }) => [amount, change])).toEqual([
      [1_000, false],
      [-500, true],
    ])
    expect(await call(bench, 'get', { id: 'o1' })).toMatchObject({ sold: { reference: 'K7-1-000001' } })
    expect((await call(bench, 'list', { state: 'draft' })).orders).toEqual([])
    expect((await failure(save(bench, 'o1', []))).code).toBe('order_ended')
  })

  it('[R19] a draft is paid in the version that the till knows', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [line('bread')])
    await call(bench, 'save', { version: 1, order: order('o1', [line('bread')]) })
    const pay = (more: object) =>
      failure(call(bench, 'pay', { id: 'o1', expectedTotal: 250, payments: [cash(250)], ...more }))
    expect((await pay({ version: 1 })).code).toBe('order_changed')
    expect(await pay({})).toEqual({ code: 'till_invalid', path: 'version' })
    expect((await pay({ id: 'o9', version: 1 })).code).toBe('till_unknown')
    expect((await pay({ id: 'o9' })).code).toBe('till_unknown')
  })

  it('[R19] an order that is sent along ends the draft of its id, whatever became of that', async () => {
    const bench = await openShop()
    const kept = line('bread')
    await save(bench, 'o1', [kept, line('wine')])
    const sold = await sellNow(bench, 'o1', [kept])
    expect(sold.totals.total).toBe(250)
    expect((await call(bench, 'list', { state: 'draft' })).orders).toEqual([])
    const other = { id: 'o2', order: order('o3', [line('bread')]), expectedTotal: 250, payments: [cash(250)] }
    expect(await failure(call(bench, 'pay', other))).toEqual({ code: 'till_invalid', path: 'order.id' })
  })

  it('[R19] what another till holds is not paid', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [line('bread')])
    await call(bench, 'hold', { id: 'o1', ms: 60_000 }, till('a'))
    const pay = { id: 'o1', version: 1, expectedTotal: 250, payments: [cash(250)] }
    expect((await failure(call(bench, 'pay', pay, till('b')))).code).toBe('order_held')
    expect((await call(bench, 'pay', pay, till('a'))).paid).toBe(250)
  })

  it('[R20] the customer was told another total: nothing is sold', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [line('bread')])
    const pay = { id: 'o1', version: 1, expectedTotal: 251, payments: [cash(251)] }
    expect((await failure(call(bench, 'pay', pay))).code).toBe('total_differs')
    expect((await call(bench, 'list', { state: 'paid' })).orders).toEqual([])
  })

  it('[R20] sentences say money as people read it, their context in minor units', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [line('bread')])
    const pay = (more: object) =>
      call(bench, 'pay', { id: 'o1', version: 1, expectedTotal: 250, payments: [cash(250)], ...more })
    await expect(pay({ expectedTotal: 1_234 })).rejects.toMatchObject({
      message: 'The total is 2.50 EUR, not 12.34 EUR. Look at the order again. (total_differs)',
      context: { total: 250, expected: 1_234 },
    })
    await expect(pay({ payments: [cash(200)] })).rejects.toMatchObject({
      message: 'payments: 0.50 EUR is missing. (payment_invalid)',
      context: { missing: 50 },
    })
    const yen = await openShop({ shop: { currency: 'JPY', currencyDigits: 0 } })
    const order1 = order('o1', [line('wine')])
    const off = call(yen, 'pay', { id: 'o1', order: order1, expectedTotal: 1, payments: [] })
    await expect(off).rejects.toMatchObject({
      message: expect.stringContaining('The total is 20 JPY, not 1 JPY.'),
    })
  })

  it('[R21] a register that is closed, or open for too long, sells nothing', async () => {
    const bench = await openShop({ register: { sessionHoursMax: 24 }, open: false })
    const pay = { id: 'o1', order: order('o1', [line('bread')]), expectedTotal: 250, payments: [cash(250)] }
    expect((await failure(call(bench, 'pay', pay))).code).toBe('session_closed')
    await bench.sessions.open({ id: 's', register: 'r1', counted: 0 }, till())
    await bench.clock.advance(24 * 3_600_000)
    await sellNow(bench, 'o0', [line('bread')])
    await bench.clock.advance(1)
    expect((await failure(call(bench, 'pay', pay))).code).toBe('session_stale')
  })

  it('[R22] a payment by a method that is not offered, or without what it needs, is told with its path', async () => {
    const bench = await openShop({ register: { paymentMethods: ['cash', 'meal', 'account', 'gone'] } })
    const wrong = (payments: object[], more: object = {}) =>
      failure(
        call(bench, 'pay', {
          ...{ id: 'o1', order: order('o1', [line('bread')], more), expectedTotal: 250, payments },
        }),
      )
    const at = (path: string, code = 'payment_invalid') => ({ code, path })
    expect(await wrong([card(250)])).toEqual(at('payments.0.method'))
    expect(await wrong([{ ...card(250), method: 'gone' }])).toEqual(at('payments.0.method'))
    expect(await wrong([{ ...card(250), method: 'gold' }])).toEqual(at('payments.0.method', 'till_unknown'))
    expect(await wrong([cash(100), { ...card(150), method: 'account' }])).toEqual(at('payments.1.method'))
    expect(await wrong([cash(100), { ...card(150), method: 'meal' }])).toEqual(at('payments.1.reference'))
    expect(await wrong([cash(100), cash(150)])).toEqual(at('payments.1.id'))
    expect((await wrong([cash(249)])).code).toBe('payment_invalid')
    const meal = { ...card(150), method: 'meal', reference: '4711' }
    expect((await sellNow(bench, 'o2', [line('bread')], {}, { payments: [cash(100), meal] })).paid).toBe(250)
  })

  it('[R23] on account: a customer, a cashier, and no more than the limit without a manager', async () => {
    const bench = await openShop()
    const { cashier, manager, minimal } = await staff(bench)
    const pay = (id: string, quantity: string, login: string, more: object = {}) => {
      const total = 2_500 * Number(quantity)
      return call(bench, 'pay', {
        ...{
          id,
          login,
          order: order(id, [line('shirt', quantity)], { customer: 'ines' }),
          expectedTotal: total,
        },
        ...{ payments: [{ id: 'p', method: 'account', amount: total }], ...more },
      })
    }
    expect(await failure(pay('o1', '2', minimal))).toEqual({ code: 'right_missing', path: 'payments.0' })
    expect((await pay('o1', '2', cashier)).paid).toBe(5_000)
    expect(await failure(pay('o2', '3', cashier))).toEqual({
      code: 'payment_invalid',
      path: 'payments.0.amount',
    })
    expect((await pay('o2', '3', cashier, { approval: { badge: 'B-mia' } })).paid).toBe(7_500)
    expect((await pay('o3', '3', manager)).paid).toBe(7_500)
  })

  it('[R24] a payment of more than so many times the total is a slip, until somebody agrees', async () => {
    const bench = await openShop({ shop: { overpayFactor: 10 } })
    const input = order('o1', [line('bread')])
    const pay = (amount: number, more: object = {}) =>
      call(bench, 'pay', { id: 'o1', order: input, expectedTotal: 250, payments: [cash(amount)], ...more })
    expect(await failure(pay(2_501))).toEqual({ code: 'payment_invalid', path: 'payments.0.amount' })
    expect((await pay(2_500)).change).toBe(2_250)
    const sure = { id: 'o9', order: order('o9', [line('bread')]), approval: {} }
    expect((await pay(2_501, sure)).change).toBe(2_251)
    const { minimal } = await staff(bench)
    const again = { login: minimal, id: 'o2', order: order('o2', [line('bread')]) }
    const wrong = pay(2_501, { ...again, approval: { badge: 'B-milo' } })
    expect((await failure(wrong)).code).toBe('right_missing')
    const approval = { badge: 'B-carl' }
    expect((await pay(2_501, { ...again, approval })).change).toBe(2_251)
  })

  it('[R25] nothing is no order, a total of nothing is one, and lines of nothing are left out', async () => {
    const bench = await openShop()
    const pay = (id: string, lines: object[]) =>
      call(bench, 'pay', { id, order: order(id, lines), expectedTotal: 0, payments: [] })
    expect(await failure(pay('o1', []))).toEqual({ code: 'till_invalid', path: 'lines' })
    expect(await failure(pay('o1', [line('bread', '0')]))).toEqual({ code: 'till_invalid', path: 'lines' })
    const free = await pay('o2', [line('bread', '1', { discount: '100' }), line('wine', '0')])
    expect(free).toMatchObject({ paid: 0, change: 0, payments: [] })
    expect(free.lines.map(({ product }) => product)).toEqual(['bread'])
  })

  it('[R26] the same request again is the same order, also when the register was closed meanwhile', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [line('bread')])
    const pay = { id: 'o1', version: 1, expectedTotal: 250, payments: [cash(250)] }
    const sold = await call(bench, 'pay', pay)
    await settle()
    const before = { jobs: [...bench.jobs.keys()], told: bench.published.length }
    await bench.sessions.close(
      { session: 's-r1', counts: [{ method: 'cash', counted: 10_250 }], acceptDifference: false },
      till(),
    )
    const told = bench.published.length
    const again = await call(bench, 'pay', { ...pay, print: true, login: 'whatever' })
    await settle()
    expect(again).toEqual({ ...sold, prints: 1 })
    expect([...bench.jobs.keys()]).toEqual(before.jobs)
    expect(bench.published.length).toBe(told)
    expect((await bench.store.ledger.after(0, 100)).filter(({ kind }) => kind === 'order')).toHaveLength(1)
  })

  it('[R26] the same id with other content is a conflict', async () => {
    const bench = await openShop()
    await sellNow(bench, 'o1', [line('bread')])
    const other = {
      id: 'o1',
      order: order('o1', [line('wine')]),
      expectedTotal: 1_999,
      payments: [cash(1_999)],
    }
    expect((await failure(call(bench, 'pay', other))).code).toBe('till_conflict')
  })

  it('[R27] two tills that race to pay one draft sell it once', async () => {
    const bench = await openShop()
    for (let round = 0; round < 20; round++) {
      const id = `o${round}`
      await save(bench, id, [line('bread')])
      const pay = (who: string) =>
        call(bench, 'pay', { id, version: 1, expectedTotal: 250, payments: [cash(250, who)] }, till(who))
      const ends = await Promise.allSettled([pay('a'), pay('b')])
      expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const sold = await Promise.all([1, 2].map(() => call(bench, 'get', { id })))
      expect(sold[0]?.sold?.number).toBe(round + 1)
    }
    expect((await call(bench, 'list', { state: 'paid' })).orders).toHaveLength(20)
  })

  it('[R26] the same request twice at once is told, printed and opened once', async () => {
    const bench = await openShop()
    await save(bench, 'o1', [line('bread')])
    bench.published.length = 0
    const pay = { id: 'o1', version: 1, expectedTotal: 250, payments: [cash(250)] }
    const [one, two] = await Promise.all([call(bench, 'pay', pay), call(bench, 'pay', pay)])
    await settle()
    expect(two).toEqual(one)
    expect(bench.published).toHaveLength(1)
    expect((await call(bench, 'get', { id: 'o1' })).sold?.prints).toBe(1)
  })

  it('[R27] an order that is sent along is sold although its draft is saved at that moment', async () => {
    const bench = await openShop()
    for (let round = 0; round < 10; round++) {
      const id = `o${round}`
      const input = order(id, [line('bread')])
      await call(bench, 'save', { version: 0, order: input })
      const saving = call(bench, 'save', { version: 1, order: { ...input, note: 'now' } }, till('a'))
      const pay = { id, order: input, expectedTotal: 250, payments: [cash(250)] }
      const paying = call(bench, 'pay', pay, till('b'))
      const [saved, paid] = await Promise.allSettled([saving, paying])
      expect([saved.status, paid.status]).toEqual(['fulfilled', 'fulfilled'])
    }
    expect((await call(bench, 'list', { state: 'draft' })).orders).toEqual([])
  })

  it('[R28] a till that sold without the hub brings its number and time', async () => {
    const bench = await openShop()
    const { from, until, prefix } = await call(bench, 'reserve', { id: 'b1', register: 'r1', count: 3 })
    expect({ from, until, prefix }).toEqual({ from: 1, until: 3, prefix: 'K7-1-' })
    await bench.clock.advance(3_600_000)
    const paidAt = '2026-11-23T08:30:00.000Z'
    const sold = await sellNow(bench, 'o1', [line('bread')], {}, { number: 2, paidAt })
    expect(sold).toMatchObject({ number: 2, reference: 'K7-1-000002', paidAt })
    expect([...bench.jobs.values()].map(({ kind }) => kind)).toEqual(['print'])
    expect((await sellNow(bench, 'o2', [line('bread')])).number).toBe(4)
    const used = sellNow(bench, 'o3', [line('bread')], {}, { number: 2 })
    expect((await failure(used)).code).toBe('till_invalid')
  })

  it('[R28] what was sold without the hub has the prices of that moment', async () => {
    const rule = { id: 'h', kind: 'fixed', price: '1', until: '2026-11-23T08:30:00Z' }
    const list = { id: 'morning', name: 'Morning', rules: [rule] }
    const bench = await openShop({ register: { pricelist: 'morning' }, more: { pricelist: [list] } })
    await bench.clock.advance(3_600_000)
    const input = order('o1', [line('bread')])
    const pay = { id: 'o1', order: input, expectedTotal: 100, payments: [cash(100)] }
    expect((await failure(call(bench, 'pay', pay))).code).toBe('total_differs')
    const sold = await call(bench, 'pay', { ...pay, paidAt: '2026-11-23T08:29:00Z' })
    expect(sold).toMatchObject({ paid: 100, paidAt: '2026-11-23T08:29:00.000Z' })
  })

  it('[R28] the time lies between the opening of the register and now, give or take a clock', async () => {
    const bench = await openShop()
    const now = bench.clock.now()
    const at = (ms: number, id = 'o1') =>
      sellNow(bench, id, [line('bread')], {}, { paidAt: new Date(now + ms).toISOString() })
    expect(await failure(at(orderLimits.clockAheadMsMax + 1))).toEqual({
      code: 'till_invalid',
      path: 'paidAt',
    })
    expect(await failure(at(-1))).toEqual({ code: 'till_invalid', path: 'paidAt' })
    expect((await at(orderLimits.clockAheadMsMax)).paidAt).toBe(new Date(now).toISOString())
    expect((await at(0, 'o2')).paidAt).toBe(new Date(now).toISOString())
  })

  it('[R47] a block of numbers is answered alike again, and told in the ledger', async () => {
    const bench = await openShop()
    const block = { id: 'b1', register: 'r1', count: 3 }
    const first = await call(bench, 'reserve', block)
    expect(await call(bench, 'reserve', block)).toEqual(first)
    expect(await call(bench, 'reserve', { ...block, id: 'b2' })).toMatchObject({ from: 4, until: 6 })
    expect((await failure(call(bench, 'reserve', { ...block, count: 4 }))).code).toBe('till_conflict')
    expect(await failure(call(bench, 'reserve', { ...block, register: 'r9' }))).toEqual({
      code: 'till_unknown',
      path: 'register',
    })
    const kinds = (await bench.store.ledger.after(0, 100)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'numbers.reserved')).toHaveLength(2)
  })
})

describe('what a sale adds up to', () => {
  it('[R29] sums are by the day and hour of the shop, wherever the hub is', async () => {
    const bench = await openShop({ shop: { timeZone: 'Pacific/Auckland' } })
    await bench.clock.advance(3 * 3_600_000 + 30 * 60_000)
    await sellNow(bench, 'o1', [line('bread', '2'), line('wine')], { tip: 100 })
    const rows = async (by: 'hour' | 'product' | 'category' | 'tip') =>
      (
        await bench.store.till.reports.report({ by, from: '2026-11-24', until: '2026-11-24', limit: 10 })
      ).rows.map(({ key, orders, quantityE6, total }) => [key, orders, quantityE6, total])
    expect(await rows('hour')).toEqual([['00', 1, 3_000_000, 2_599]])
    expect((await rows('product')).sort()).toEqual([
      ['bread', 1, 2_000_000, 500],
      ['tip', 1, 0, 100],
      ['wine', 1, 1_000_000, 1_999],
    ])
    expect(await rows('tip')).toEqual([['', 1, 0, 100]])
  })

  it('[R29] a time zone that nobody knows counts as UTC', async () => {
    const bench = await openShop({ shop: { timeZone: 'Mars/Olympus' } })
    await sellNow(bench, 'o1', [line('bread')])
    const { rows } = await bench.store.till.reports.report({
      ...{ by: 'hour', from: '2026-11-23', until: '2026-11-23', limit: 10 },
    })
    expect(rows.map(({ key }) => key)).toEqual(['08'])
  })

  it('[R30] goods leave the stock and come back to it; services and tips do not', async () => {
    const bench = await openShop()
    await sellNow(bench, 'o1', [line('bread', '3'), line('repair'), line('apples', '0.25')], { tip: 10 })
    await sellNow(bench, 'o2', [line('bread', '-1')])
    const stock = await bench.store.till.reports.stock(['bread', 'apples', 'repair', 'tip'])
    expect(new Map(stock.map(({ product, movedE6 }) => [product, movedE6]))).toEqual(
      new Map(stock.map(({ product }) => [product, { bread: -2_000_000, apples: -250_000 }[product] ?? 0])),
    )
    expect(stock.filter(({ movedE6 }) => movedE6 !== 0)).toHaveLength(2)
  })
})

describe('what follows a sale', () => {
  it('[R31] the drawer opens for cash, change, and methods that say so; the receipt prints; the tills are told', async () => {
    const bench = await openShop()
    await sellNow(bench, 'o1', [line('bread')])
    expect([...bench.jobs].map(([id, { device }]) => [id, device])).toEqual([
      ['d.o1', 'drawer-1'],
      ['r.o1.1', 'printer-1'],
    ])
    await sellNow(bench, 'o2', [line('bread')], {}, { payments: [card(250)] })
    expect(bench.jobs.has('d.o2')).toBe(false)
    const meal = { ...card(250), method: 'meal', reference: '1' }
    await sellNow(bench, 'o3', [line('bread')], {}, { payments: [meal] })
    expect(bench.jobs.has('d.o3')).toBe(true)
    expect(bench.published.at(-1)).toMatchObject({
      topic: 'till.order.changed',
      data: { id: 'o3', state: 'paid', reference: 'K7-1-000003', total: 250 },
    })
    expect((await call(bench, 'get', { id: 'o1' })).sold?.prints).toBe(1)
  })

  it('[R31] no receipt where the register or the till wants none', async () => {
    const bench = await openShop({ register: { autoPrint: false } })
    await sellNow(bench, 'o1', [line('bread')])
    expect(bench.jobs.has('r.o1.1')).toBe(false)
    await sellNow(bench, 'o2', [line('bread')], {}, { print: true })
    expect(bench.jobs.has('r.o2.1')).toBe(true)
    expect((await call(bench, 'get', { id: 'o1' })).sold?.prints).toBe(0)
  })

  it('[R31] ids of jobs have at most 64 characters, also for the longest id of an order', async () => {
    const bench = await openShop()
    await sellNow(bench, 'o'.repeat(64), [line('bread')])
    const ids = [...bench.jobs.keys()]
    expect(ids.map((id) => id.length)).toEqual([64, 64])
    expect(new Set(ids).size).toBe(2)
  })

  it('[R31] nothing that goes wrong after it undoes a sale', async () => {
    const bench = await openShop()
    bench.broken.add('drawer-1').add('printer-1')
    const { publish } = bench.tools
    bench.tools.publish = () => {
      throw failed
    }
    const failed = new TypeError('nobody listens')
    expect((await sellNow(bench, 'o1', [line('bread')])).number).toBe(1)
    bench.tools.publish = publish
    expect(bench.warnings).toContain('The tills were not told of an order')
    expect(bench.warnings).toContain('The drawer was not opened after a sale')
    expect(bench.jobs.size).toBe(0)
    expect((await call(bench, 'get', { id: 'o1' })).sold?.number).toBe(1)
  })

  it('[R32] an invoice needs a customer, at once or later', async () => {
    const bench = await openShop()
    const wanted = sellNow(bench, 'o1', [line('bread')], {}, { invoice: true })
    expect(await failure(wanted)).toEqual({ code: 'till_invalid', path: 'invoice' })
    expect((await sellNow(bench, 'o1', [line('bread')])).invoice).toBe(false)
    expect(await failure(call(bench, 'invoice', { id: 'o1', customer: 'nobody' }))).toEqual({
      code: 'till_unknown',
      path: 'customer',
    })
    expect((await failure(call(bench, 'invoice', { id: 'o9', customer: 'ines' }))).code).toBe('till_unknown')
    const asked = await call(bench, 'invoice', { id: 'o1', customer: 'ines' })
    expect(asked).toMatchObject({ invoice: true, customer: 'ines', paid: 250 })
    expect(await call(bench, 'invoice', { id: 'o1', customer: 'ines' })).toEqual(asked)
    const entries = (await bench.store.ledger.after(0, 100)).filter(({ kind }) => kind === 'invoice')
    expect(entries.map(({ body }) => JSON.parse(body))).toMatchObject([{ order: 'o1', customer: 'ines' }])
    const input = { customer: 'ines' }
    expect((await sellNow(bench, 'o2', [line('bread')], input, { invoice: true })).invoice).toBe(true)
  })

  it('[R32] once an invoice is asked for, another customer does not take its place', async () => {
    const bench = await openShop()
    await sellNow(bench, 'o1', [line('bread')])
    await sellNow(bench, 'o2', [line('bread')], { customer: 'ines' }, { invoice: true })
    await call(bench, 'invoice', { id: 'o1', customer: 'ines' })
    for (const id of ['o1', 'o2']) {
      const other = call(bench, 'invoice', { id, customer: 'joe' })
      expect(await failure(other)).toEqual({ code: 'till_conflict', path: 'customer' })
      expect(await call(bench, 'invoice', { id, customer: 'ines' })).toMatchObject({ customer: 'ines' })
    }
    const entries = (await bench.store.ledger.after(0, 100)).filter(({ kind }) => kind === 'invoice')
    expect(entries).toHaveLength(1)
  })
})
