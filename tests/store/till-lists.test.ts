/** Lists of orders: what they find, in which order, and by which index. */
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { migrate, readMigrations } from '../../src/store/migrations.ts'
import { openStore } from '../../src/store/open.ts'
import type { OrderFilter, PayRow, Store } from '../../src/store/store.ts'
import { paidQueries } from '../../src/store/till/order-list.ts'
import { codeOf } from '../contracts/store.ts'
import { draftChange, memoryBooks, openSession, payRow } from './support/till.ts'

const ids = async (store: Store, filter: Partial<OrderFilter>) =>
  (await store.till.orders.list({ state: 'paid', limit: 100, ...filter })).orders.map(({ id }) => id)

describe('paid orders', () => {
  let store: Store
  beforeAll(async () => {
    store = await openStore({ dir: ':memory:', inline: true })
    await openSession(store)
    await openSession(store, 's2', 'r2')
    const rows: [string, Partial<PayRow>][] = [
      ['o1', { at: 1_000, customer: 'k1', total: 700 }],
      ['o2', { at: 2_000, table: 't1', label: 'Bob', tracking: 7 }],
      ['o3', { at: 3_000, register: 'r2', session: 's2', tracking: 3 }],
      ['o4', { at: 2_500, customer: 'k2', total: 700 }],
      ['o5', { at: 3_000, customer: 'k1', refund: true, total: -100 }],
    ]
    for (const [id, more] of rows) await store.till.orders.pay(payRow(id, more))
    return () => store.close()
  })

  it.each([
    ['all, the newest first by when they were paid', {}, ['o5', 'o3', 'o4', 'o2', 'o1']],
    ['a register', { register: 'r2' }, ['o3']],
    ['a session', { session: 's1' }, ['o5', 'o4', 'o2', 'o1']],
    ['a table', { table: 't1' }, ['o2']],
    ['a customer', { customer: 'k1' }, ['o5', 'o1']],
    ['a total', { total: 700 }, ['o4', 'o1']],
    ['a total of a refund', { total: -100 }, ['o5']],
    ['a time, both ends counted in', { from: 2_000, until: 2_500 }, ['o4', 'o2']],
    ['a customer and a time', { customer: 'k1', from: 1_001 }, ['o5']],
    ['a total and a register', { total: 700, register: 'r2' }, []],
    ['a text that is a reference', { text: 'B-r1-000002' }, ['o2']],
    ['a text that is a number, or a tracking number', { text: '3' }, ['o3', 'o4']],
    ['a number with the noughts of its reference', { text: '000002' }, ['o2']],
    ['a text that is a label, in any case', { text: 'bOB' }, ['o2']],
    ['customers that fit a text', { text: 'Ann', customers: ['k1', 'k2'] }, ['o5', 'o4', 'o1']],
    ['a text and a session', { text: '3', session: 's2' }, ['o3']],
    ['a text that nothing has', { text: "x' OR 1=1" }, []],
  ] satisfies [string, Partial<OrderFilter>, string[]][])('[ST42] %s', async (_, filter, expected) => {
    expect(await ids(store, filter)).toEqual(expected)
  })

  it('[ST42] an order of a list tells what it is', async () => {
    const { orders } = await store.till.orders.list({ state: 'paid', limit: 1 })
    expect(orders).toEqual([
      {
        id: 'o5',
        state: 'paid',
        register: 'r1',
        session: 's1',
        table: null,
        customer: 'k1',
        label: null,
        tracking: null,
        reference: 'B-r1-000004',
        total: -100,
        refund: true,
        version: 0,
        heldBy: null,
        employee: 'ann',
        at: '1970-01-01T00:00:03.000Z',
      },
    ])
  })

  it('[ST42] pages put together are the whole list', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom<Partial<OrderFilter>>({}, { customer: 'k1' }, { text: '3' }, { from: 1_500 }),
        async (limit, filter) => {
          const found: string[] = []
          let before: string | undefined
          do {
            const page = await store.till.orders.list({ state: 'paid', ...filter, limit, before })
            expect(page.orders.length).toBeLessThanOrEqual(limit)
            found.push(...page.orders.map(({ id }) => id))
            before = page.next
          } while (before !== undefined)
          expect(found).toEqual(await ids(store, filter))
        },
      ),
    )
    for (const before of ['x', '1', '1.x', '1.2.3']) {
      expect(await codeOf(store.till.orders.list({ state: 'paid', limit: 1, before }))).toBe('params_invalid')
    }
  })
})

describe('drafts', () => {
  it('[ST42] are listed the same way, with who holds them while the lease lasts', async () => {
    const store = await memoryBooks()
    await openSession(store)
    const { orders } = store.till
    await orders.change([draftChange('o1', 0, 'c1', { createdAt: 1_000, table: 't1' })])
    await orders.change([draftChange('o2', 0, 'c1', { createdAt: 2_000, label: 'Bob', customer: 'k1' })])
    await orders.change([draftChange('o3', 0, 'c1', { createdAt: 2_000, total: 700 })])
    await orders.hold('o2', { client: 'c1', by: 'Till 1', until: 5_000 }, 1_500)
    const drafts = (filter: Partial<OrderFilter>) => ids(store, { state: 'draft', ...filter })
    expect(await drafts({})).toEqual(['o3', 'o2', 'o1'])
    expect(await drafts({ table: 't1' })).toEqual(['o1'])
    expect(await drafts({ text: 'bob' })).toEqual(['o2'])
    expect(await drafts({ text: '3' })).toEqual(['o3'])
    expect(await drafts({ text: 'Ann', customers: ['k1'] })).toEqual(['o2'])
    expect(await drafts({ total: 700, from: 2_000, until: 2_000, session: 's1', register: 'r1' })).toEqual([
      'o3',
    ])
    const heldBy = async (now: number) =>
      (await orders.list({ state: 'draft', limit: 9, now, text: 'Bob' })).orders[0]?.heldBy
    expect([await heldBy(4_999), await heldBy(5_000)]).toEqual(['Till 1', null])
    const first = await orders.list({ state: 'draft', limit: 2 })
    const second = await orders.list({ state: 'draft', limit: 2, before: first.next })
    expect([...first.orders, ...second.orders].map(({ id }) => id)).toEqual(['o3', 'o2', 'o1'])
    expect(second.next).toBeUndefined()
  })
})

describe('plans', () => {
  it.each([
    {},
    { register: 'r' },
    { session: 's' },
    { table: 't' },
    { customer: 'k' },
    { total: 1 },
    { text: '17' },
    { text: 'Bob', customers: ['k1', 'k2'] },
    { customer: 'k', session: 's', from: 1, until: 2 },
  ] satisfies Partial<OrderFilter>[])('[ST42] %j walks along an index, and sorts nothing', async (filter) => {
    const db = new DatabaseSync(':memory:')
    migrate(db, readMigrations('books'), undefined)
    const queries = paidQueries({ state: 'paid', limit: 50, before: { at: 5, key: 5 }, ...filter })
    expect(queries.length).toBeGreaterThan(0)
    for (const { sql, values } of queries) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
      const steps = plan.map(({ detail }) => String(detail))
      expect(steps).toHaveLength(1)
      expect(steps[0]).toMatch(/^SEARCH till_orders USING (COVERING )?INDEX/)
    }
    db.close()
  })
})
