/** Sessions in the books, and the sums that are kept with each order. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionReport } from '../../src/protocol/till/session.ts'
import type { Store } from '../../src/store/store.ts'
import { codeOf } from '../contracts/store.ts'
import { day, draftChange, memoryBooks, openSession, payRow } from './support/till.ts'

const report = (text: string) => ({ at: text }) as unknown as SessionReport

async function close(store: Store, id: string, counted: number, lastSeq?: number) {
  const { sessions } = store.till
  const figures = await sessions.figures(id)
  return sessions.close(id, {
    lastSeq: lastSeq ?? figures!.lastSeq,
    counted,
    session: {
      ...figures!.session,
      state: 'closed',
      closedAt: new Date(9_000).toISOString(),
      closedBy: 'bea',
    },
    report: report(`Z of ${id}`),
    at: 9_000,
  })
}

describe('sessions', () => {
  it('[ST38] one is open for a register; its number and the cash expected follow from the one before', async () => {
    const store = await memoryBooks()
    const { sessions } = store.till
    expect(await sessions.current('r1')).toEqual({ session: null, openingExpected: 0 })
    const { repeated, ...first } = await openSession(store)
    expect(repeated).toBe(false)
    expect(first).toMatchObject({ number: 1, openingExpected: 0, openingCounted: 100 })
    expect(await sessions.current('r1')).toEqual({ session: first, openingExpected: 0 })
    expect(await openSession(store)).toEqual({ ...first, repeated: true })
    expect(await codeOf(openSession(store, 's2'))).toBe('session_open')
    expect(await openSession(store, 's2', 'r2')).toMatchObject({ number: 1 })
    expect(await close(store, 's1', 777)).toBe(true)
    expect(await sessions.current('r1')).toEqual({ session: null, openingExpected: 777 })
    expect(await openSession(store, 's3')).toMatchObject({ number: 2, openingExpected: 777 })
    expect((await store.ledger.after(0, 10)).map(({ kind }) => kind)).toEqual([
      'key',
      'session.opened',
      'session.opened',
      'session.closed',
      'session.opened',
    ])
    const other = sessions.open({ ...first, openingCounted: 1 }, 'another', 1)
    expect(await codeOf(other)).toBe('till_conflict')
  })

  it('[ST38] a cash move is made once, and only while the session is open', async () => {
    const store = await memoryBooks()
    await openSession(store)
    const { sessions } = store.till
    const move = {
      id: 'm1',
      session: 's1',
      amount: -500,
      reason: 'Bread',
      at: '1970-01-01T00:00:02.000Z',
      by: 'ann',
    }
    expect(await sessions.move(move, 2_000)).toEqual({ ...move, repeated: false })
    expect(await sessions.move({ ...move, by: 'bea' }, 3_000)).toEqual({ ...move, repeated: true })
    expect(await codeOf(sessions.move({ ...move, amount: -501 }, 3_000))).toBe('till_conflict')
    expect(await codeOf(sessions.move({ ...move, reason: 'Rolls' }, 3_000))).toBe('till_conflict')
    expect((await sessions.figures('s1'))?.cashMoves).toEqual([move])
    expect(await codeOf(sessions.move({ ...move, id: 'm2', session: 's9' }, 3_000))).toBe('till_unknown')
    await close(store, 's1', 0)
    expect(await codeOf(sessions.move({ ...move, id: 'm2' }, 3_000))).toBe('session_closed')
    expect(await sessions.move(move, 3_000)).toMatchObject({ repeated: true })
  })

  it.each([
    ['an order', (store: Store) => store.till.orders.pay(payRow('o1'))],
    [
      'a cash move',
      (store: Store) =>
        store.till.sessions.move({ id: 'm', session: 's1', amount: 1, reason: '', at: '', by: '' }, 1),
    ],
  ])('[ST38] %s after the figures were read keeps it from closing', async (_, happens) => {
    const store = await memoryBooks()
    await openSession(store)
    const { lastSeq } = (await store.till.sessions.figures('s1'))!
    await happens(store)
    const entries = await store.ledger.after(0, 100)
    expect(await close(store, 's1', 0, lastSeq)).toBe(false)
    expect(await store.ledger.after(0, 100)).toEqual(entries)
    expect(await store.till.sessions.report('s1')).toBeUndefined()
    expect(await close(store, 's1', 0)).toBe(true)
    expect(await store.till.sessions.report('s1')).toEqual(report('Z of s1'))
    expect(await store.till.sessions.get('s1')).toMatchObject({ state: 'closed', closedBy: 'bea' })
    expect(await codeOf(close(store, 's1', 0))).toBe('session_closed')
  })

  it('[ST38] drafts keep it from closing, those of other sessions do not', async () => {
    const store = await memoryBooks()
    await openSession(store)
    await openSession(store, 's2', 'r2')
    await store.till.orders.change([draftChange('o1', 0, 'c1', { register: 'r2', session: 's2' })])
    expect(await codeOf(close(store, 's2', 0))).toBe('session_drafts')
    expect(await close(store, 's1', 0)).toBe(true)
    expect(await codeOf(store.till.sessions.close('s9', {} as never))).toBe('till_unknown')
  })

  it('[ST38] they are listed newest first, in pages', async () => {
    const store = await memoryBooks()
    for (let number = 1; number <= 7; number++) {
      // Two at the same moment, of two registers.
      await openSession(store, `s${number}`, `r${number % 2}`, 1_000 * Math.floor(number / 2))
      await close(store, `s${number}`, 0)
    }
    const paged = async (register?: string) => {
      const ids: string[] = []
      let before: string | undefined
      do {
        const page = await store.till.sessions.list({ register, limit: 2, before })
        ids.push(...page.sessions.map(({ id }) => id))
        before = page.next
      } while (before !== undefined)
      return ids
    }
    expect(await paged()).toEqual(['s7', 's6', 's5', 's4', 's3', 's2', 's1'])
    expect(await paged('r1')).toEqual(['s7', 's5', 's3', 's1'])
    expect(await codeOf(store.till.sessions.list({ limit: 2, before: 'x' }))).toBe('params_invalid')
  })
})

describe('sums', () => {
  it('[ST39] they equal what an independent walk over the ledger adds up', async () => {
    const order = fc.record({
      register: fc.constantFrom('r1', 'r2'),
      total: fc.integer({ min: -100_000, max: 100_000 }),
      product: fc.constantFrom('milk', 'bread', 'rolls'),
      repeat: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(order, { maxLength: 30 }), async (orders) => {
        const store = await memoryBooks()
        await openSession(store, 'of r1', 'r1')
        await openSession(store, 'of r2', 'r2')
        for (const [index, { register, total, product, repeat }] of orders.entries()) {
          const session = `of ${register}`
          const sum = { day, register, session, orders: 1, quantityE6: 0, net: 0, tax: 0, total }
          const row = payRow(`o${index}`, {
            register,
            session,
            total,
            sums: [
              { ...sum, dimension: 'total', key: '' },
              { ...sum, dimension: 'tax', key: product },
            ],
          })
          await store.till.orders.pay(row)
          if (repeat) await store.till.orders.pay(row)
        }
        for (const register of ['r1', 'r2']) {
          const mine = orders.filter((each) => each.register === register)
          const expected = mine.reduce((sum, { total }) => sum + total, 0)
          const figures = await store.till.sessions.figures(`of ${register}`)
          expect(figures?.grandTotal).toBe(expected)
          const total = figures?.sums.find(({ dimension }) => dimension === 'total')
          expect([total?.orders ?? 0, total?.total ?? 0]).toEqual([mine.length, expected])
          for (const product of ['milk', 'bread', 'rolls']) {
            const ofProduct = mine.filter((each) => each.product === product)
            const sum = figures?.sums.find(({ dimension, key }) => dimension === 'tax' && key === product)
            expect(sum?.total ?? 0).toBe(ofProduct.reduce((all, each) => all + each.total, 0))
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  it('[ST39] a session that went over midnight has one sum for each key', async () => {
    const store = await memoryBooks()
    await openSession(store)
    for (const [id, each] of [
      ['o1', '2026-01-02'],
      ['o2', '2026-01-03'],
    ] as const) {
      const row = payRow(id)
      await store.till.orders.pay({ ...row, sums: row.sums.map((sum) => ({ ...sum, day: each })) })
    }
    const { sums } = (await store.till.sessions.figures('s1'))!
    expect(sums.map(({ dimension, key, orders, total }) => [dimension, key, orders, total])).toEqual([
      ['method', 'cash', 2, 1_000],
      ['total', '', 2, 1_000],
    ])
  })
})
