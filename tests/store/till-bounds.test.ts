/** The till's books at their bounds: sums that would not fit, too many drafts and cash moves, leases of another clock. */
import { describe, expect, it } from 'vitest'
import { tillLimits } from '../../src/protocol/till/amounts.ts'
import type { PayRow, Store } from '../../src/store/store.ts'
import { draftLimits } from '../../src/store/till/drafts.ts'
import { sessionLimits } from '../../src/store/till/sessions.ts'
import { sumLimits } from '../../src/store/till/sums.ts'
import { codeOf } from '../contracts/store.ts'
import { day, draftChange, memoryBooks, openSession, payRow } from './support/till.ts'

const { amountMax } = sumLimits

/** With this much in each of its sums. */
function payMuch(id: string, amounts: Partial<PayRow['sums'][number]>, more: Partial<PayRow> = {}): PayRow {
  const row = payRow(id, { total: 0, ...more })
  return { ...row, sums: row.sums.map((sum) => ({ ...sum, ...amounts })) }
}

/** All that adds the sums up can still be read. */
async function figuresOf(store: Store) {
  const { reports, sessions } = store.till
  const figures = await sessions.figures('s1')
  const { total } = await reports.report({ by: 'product', from: '2026-01-01', until: '2026-12-31', limit: 9 })
  const [stock] = await reports.stock(['milk'])
  const { quantityE6 } = figures!.sums.find(({ dimension }) => dimension === 'total') ?? { quantityE6: 0 }
  return { session: quantityE6, report: total.quantityE6, stock: stock?.movedE6, grand: figures!.grandTotal }
}

describe('sums', () => {
  it.each([
    ['quantities', 'quantityE6'],
    ['nets', 'net'],
    ['taxes', 'tax'],
    ['totals', 'total'],
  ] as const)('[ST39] %s go up to the bound, and what would go beyond is refused', async (_, column) => {
    const store = await memoryBooks()
    await openSession(store)
    const { orders } = store.till
    await orders.pay(payMuch('o1', { [column]: amountMax - 1 }))
    await orders.pay(payMuch('o2', { [column]: 1 }))
    const beyond = orders.pay(payMuch('o3', { [column]: sumLimits.smallMax + 1 }))
    await expect(beyond).rejects.toMatchObject({ code: 'till_invalid', context: { path: 'lines' } })
    expect(await codeOf(orders.pay(payMuch('o3', { [column]: amountMax + 1 })))).toBe('till_invalid')
    // Not even with the small ones that are not looked at can it get to what cannot be read.
    await orders.pay(payMuch('o4', { [column]: sumLimits.smallMax }))
    await orders.pay(payMuch('o5', { [column]: -amountMax }))
    const sum = (await store.till.sessions.figures('s1'))?.sums.find(({ dimension }) => dimension === 'total')
    expect(sum?.[column]).toBe(sumLimits.smallMax)
    expect(await codeOf(orders.pay(payMuch('o6', { [column]: -amountMax - sumLimits.smallMax - 1 })))).toBe(
      'till_invalid',
    )
  })

  it('[ST39] the grand total and the stock that moved have the same bound', async () => {
    const store = await memoryBooks()
    await openSession(store)
    const { orders } = store.till
    const sell = (id: string, total: number, movedE6 = 0) =>
      orders.pay(payMuch(id, { net: 0, tax: 0, total: 0 }, { total, stock: [{ product: 'milk', movedE6 }] }))
    await sell('o1', amountMax, -amountMax)
    expect(await codeOf(sell('o2', 1))).toBe('till_invalid')
    expect(await codeOf(sell('o2', 0, -sumLimits.smallMax - 1))).toBe('till_invalid')
    await sell('o2', -2 * amountMax, sumLimits.smallMax + 1)
    expect(await codeOf(sell('o3', -1))).toBe('till_invalid')
    expect((await figuresOf(store)).grand).toBe(-amountMax)
  })

  it('[ST39] a session or a period of more than one bound can be read, closed and reported', async () => {
    const store = await memoryBooks()
    await openSession(store)
    const days = [day, '2026-01-03', '2026-01-04']
    for (const each of days) await store.till.orders.pay(payMuch(each, { day: each, quantityE6: amountMax }))
    const { report, session } = await figuresOf(store)
    expect([report, session]).toEqual([3 * amountMax, 3 * amountMax])
  })
})

describe('limits', () => {
  it('[ST38] a session has so many cash moves at most', async () => {
    const store = await memoryBooks()
    await openSession(store)
    const move = (id: number) =>
      store.till.sessions.move({ id: `m${id}`, session: 's1', amount: 1, reason: '', at: '', by: '' }, 1)
    await Promise.all(Array.from({ length: sessionLimits.cashMovesMax }, (_, id) => move(id)))
    await expect(move(-1)).rejects.toMatchObject({ code: 'till_invalid', context: { path: 'session' } })
    expect(await move(0)).toMatchObject({ repeated: true })
  })

  it('[ST37] a session has so many drafts at most; those that are there may change', async () => {
    const store = await memoryBooks()
    await openSession(store)
    const { orders } = store.till
    const all = Array.from({ length: draftLimits.draftsMax - 1 }, (_, id) => draftChange(`o${id}`, 0))
    await orders.change(all)
    const [one, two] = [draftChange('a', 0), draftChange('b', 0)]
    await expect(orders.change([one, two])).rejects.toMatchObject({ context: { path: 'id' } })
    await orders.change([one])
    expect(await codeOf(orders.change([two]))).toBe('till_invalid')
    await orders.change([draftChange('a', 1)])
    // A split takes what it puts from one that stays, a merge ends one for what it puts.
    await orders.change([{ remove: 'a', expect: { version: 2, client: 'c1', now: 1 } }, two])
  })
})

describe('leases', () => {
  it('[ST37] one that ends later than any can was given by another clock, and keeps nobody out', async () => {
    const store = await memoryBooks()
    await openSession(store)
    const { orders } = store.till
    await orders.change([draftChange('o1', 0)])
    const hold = (client: string, now: number) =>
      orders.hold('o1', { client, by: client, until: now + tillLimits.holdMsMax }, now)
    const heldBy = async (now: number) =>
      (await orders.list({ state: 'draft', limit: 9, now })).orders[0]?.heldBy
    await hold('c1', 1_000)
    expect(await codeOf(hold('c2', 1_000))).toBe('order_held')
    expect(await heldBy(1_000)).toBe('c1')
    expect(await heldBy(999)).toBeNull()
    expect((await hold('c2', 999)).held?.client).toBe('c2')
  })
})
