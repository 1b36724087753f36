/** What a till sells without the hub: orders that come when their session is closed, and the numbers that it holds for them. */
import { describe, expect, it } from 'vitest'
import { orderLimits } from '../../src/till/orders/parts.ts'
import {
  call,
  cash,
  failure,
  line,
  openShop,
  order,
  sellNow,
  staff,
  technician,
  till,
} from './orders-support.ts'

describe('orders that come late', () => {
  it('[R48] what was paid without the hub in a session that is closed meanwhile is filed in the one that is open', async () => {
    const bench = await openShop()
    const { clock, sessions } = bench
    await call(bench, 'reserve', { id: 'b1', register: 'r1', count: 5 })
    const close = (session: string) =>
      sessions.close(
        { session, counts: [{ method: 'cash', counted: 10_000 }], acceptDifference: true },
        technician,
      )
    await clock.advance(60_000)
    const paidAt = new Date(clock.now()).toISOString()
    await clock.advance(60_000)
    const input = order('late', [line('bread', '2')])
    const ask = { id: 'late', order: input, expectedTotal: 500, payments: [cash(500)], paidAt, number: 2 }
    const z1 = await close('s-r1')
    expect(await failure(call(bench, 'pay', ask))).toEqual({ code: 'session_closed' })

    await clock.advance(86_400_000)
    await sessions.open({ id: 's2', register: 'r1', counted: 10_000 }, technician)
    await sellNow(bench, 'o2', [line('bread')])
    const before = await sessions.report({ session: 's2' }, technician)
    expect(before).not.toHaveProperty('late')
    const late = await call(bench, 'pay', ask)
    expect(late).toMatchObject({ session: 's2', lateFor: 's-r1', paidAt, number: 2 })
    const x = await sessions.report({ session: 's2' }, technician)
    expect(x.late).toEqual({ orders: 1, total: 500 })
    expect({ orders: x.orders, total: x.total }).toEqual({ orders: 2, total: 750 })
    expect(x.cashExpected).toBe(before.cashExpected! + 500)
    expect(await sessions.report({ session: 's-r1' }, technician)).toEqual(z1)
    const days = { by: 'total', from: '2026-11-24', until: '2026-11-24', limit: 10 } as const
    expect((await bench.store.till.reports.report(days)).total).toMatchObject({ orders: 2, total: 750 })

    const z2 = await close('s2')
    expect(z2.late).toEqual({ orders: 1, total: 500 })
    expect(await call(bench, 'pay', ask)).toEqual({ ...late, prints: 1 })
    expect((await failure(call(bench, 'pay', { ...ask, number: 3 }))).code).toBe('till_conflict')
  })

  it('[R48] nothing is late without a number of a block, nor from before the first opening', async () => {
    const bench = await openShop()
    await call(bench, 'reserve', { id: 'b1', register: 'r1', count: 5 })
    const first = bench.clock.now()
    const counts = [{ method: 'cash', counted: 10_000 }]
    await bench.sessions.close({ session: 's-r1', counts, acceptDifference: true }, technician)
    await bench.clock.advance(60_000)
    await bench.sessions.open({ id: 's2', register: 'r1', counted: 10_000 }, technician)
    const at = (id: string, ms: number, number?: number) =>
      sellNow(bench, id, [line('bread')], {}, { paidAt: new Date(ms).toISOString(), number })
    expect(await failure(at('o1', first))).toEqual({ code: 'till_invalid', path: 'paidAt' })
    expect(await failure(at('o1', first - 1, 1))).toEqual({ code: 'till_invalid', path: 'paidAt' })
    expect(await failure(at('o1', first, 9))).toEqual({ code: 'till_invalid', path: 'number' })
    expect((await at('o1', first, 1)).lateFor).toBe('s-r1')
    // The till did not hear that it was closed, and sold on: nobody had opened it anew by then.
    expect((await at('o2', first + 59_999, 2)).lateFor).toBe('s-r1')
    expect(await at('o3', first + 60_000, 3)).not.toHaveProperty('lateFor')
  })
})

describe('numbers in reserve', () => {
  it('[R50] a till holds a limited count of unused numbers at a register; more needs a manager', async () => {
    const bench = await openShop()
    const { cashier, manager, minimal } = await staff(bench)
    const most = orderLimits.unusedNumbersMax
    const reserve = (id: string, count: number, more: object = {}, caller = till()) =>
      call(bench, 'reserve', { id, register: 'r1', count, login: minimal, ...more }, caller)
    const missing = { code: 'right_missing', path: 'count' }
    expect(await reserve('b1', 10)).toMatchObject({ from: 1, until: 10 })
    expect(await reserve('b2', most - 10)).toMatchObject({ from: 11, until: most })
    expect(await failure(reserve('b3', 1))).toEqual(missing)
    expect(await failure(reserve('b3', 1, { login: cashier }))).toEqual(missing)
    // Asked for again it is nothing new; another register and another till have their own.
    expect(await reserve('b1', 10)).toMatchObject({ from: 1, until: 10 })
    expect(await reserve('b4', 5, { register: 'r2' })).toMatchObject({ from: 1, until: 5 })
    expect(await reserve('b5', 5, { login: undefined }, technician)).toMatchObject({ from: most + 1 })
    expect(await reserve('b6', 5, { login: manager })).toMatchObject({ from: most + 6 })
    const paidAt = new Date(bench.clock.now()).toISOString()
    for (let number = 1; number <= 6; number++) {
      const id = `o${number}`
      const sale = { id, order: order(id, [line('bread')]), expectedTotal: 250, payments: [cash(250)] }
      await call(bench, 'pay', { ...sale, number, paidAt, login: cashier })
    }
    expect(await failure(reserve('b7', 2))).toEqual(missing)
    expect(await reserve('b7', 1)).toMatchObject({ from: most + 11 })
    const entries = (await bench.store.ledger.after(0, 100)).filter(({ kind }) => kind === 'numbers.reserved')
    expect(entries).toHaveLength(6)
  })
})
