/** Several that sell at once, and long reads in a thread of their own. */
import { readdirSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { readerLimits } from '../../src/store/reader.ts'
import type { Store } from '../../src/store/store.ts'
import { codeOf } from '../contracts/store.ts'
import { TestClock } from '../support/clock.ts'
import { testFolder } from './support/folder.ts'
import { day, openSession, payRow } from './support/till.ts'

async function openBooks(dir: string, clock?: TestClock) {
  const store = await openStore({ dir, clock })
  onTestFinished(() => store.close())
  return store
}

/** The kernel keeps fifteen letters of a name. */
const threadName = 'store-books-reader'.slice(0, 15)
const readingThreads = () =>
  readdirSync('/proc/self/task').filter((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim() === threadName
    } catch {
      // It has just ended.
      return false
    }
  }).length

describe('four writers', () => {
  it.each([
    ['through one store', 1],
    ['through four, as processes would', 4],
  ])('[ST34] %s: every number is given once, without a gap, and the sums are right', async (_, stores) => {
    const dir = await testFolder()
    const books: Store[] = []
    for (let each = 0; each < stores; each++) books.push(await openBooks(dir))
    const [first] = books
    await openSession(first!)
    const perWriter = 60
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      const { orders } = books[writer % stores]!.till
      const numbers: number[] = []
      for (let order = 0; order < perWriter; order++) {
        const id = `o${writer}-${order}`
        const [sold] = await Promise.all([
          orders.pay(payRow(id, { total: writer + order })),
          // Somebody else sends the same order again at the same time.
          books[(writer + 1) % stores]!.till.orders.pay(payRow(id, { total: writer + order })),
        ])
        numbers.push(sold.number)
      }
      return numbers
    })
    const numbers = (await Promise.all(writers)).flat().sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 4 * perWriter }, (_, index) => index + 1))
    const db = new DatabaseSync(`${dir}/books.db`, { readOnly: true })
    onTestFinished(() => db.close())
    const bodies = db.prepare("SELECT body FROM ledger WHERE kind = 'order'").all()
    const totals = bodies.map(({ body }) => JSON.parse(String(body)).totals.total as number)
    const figures = await first!.till.sessions.figures('s1')
    const expected = totals.reduce((sum, total) => sum + total, 0)
    expect(figures?.grandTotal).toBe(expected)
    expect(figures?.sums.find(({ dimension }) => dimension === 'total')).toMatchObject({
      day,
      orders: 4 * perWriter,
      total: expected,
    })
    expect((await first!.ledger.verify()).broken).toBeUndefined()
  })
})

describe('the reading thread', () => {
  it('[ST44] starts with the first long read, ends when none came for a while, and starts again', async () => {
    const dir = await testFolder()
    const clock = new TestClock()
    const store = await openBooks(dir, clock)
    await openSession(store)
    expect(readingThreads()).toBe(0)
    const list = () => store.till.orders.list({ state: 'paid', limit: 5 })
    await list()
    expect(readingThreads()).toBe(1)
    await clock.advance(readerLimits.idleMs - 1)
    await list()
    await clock.advance(readerLimits.idleMs - 1)
    expect(readingThreads()).toBe(1)
    await clock.advance(1)
    await expect.poll(() => readingThreads()).toBe(0)
    await store.till.orders.pay(payRow('o1'))
    expect((await list()).orders).toHaveLength(1)
  })

  it('[ST44] sees what was written before it was asked', async () => {
    const store = await openBooks(await testFolder())
    await openSession(store)
    for (let order = 1; order <= 50; order++) {
      await store.till.orders.pay(payRow(`o${order}`, { at: order }))
      const { orders } = await store.till.orders.list({ state: 'paid', limit: 1 })
      expect(orders[0]?.id).toBe(`o${order}`)
    }
  })

  it('[ST44] answers while a commit cannot go on', async () => {
    const dir = await testFolder()
    const store = await openBooks(dir)
    await openSession(store)
    const other = new DatabaseSync(`${dir}/books.db`)
    onTestFinished(() => other.close())
    other.exec('BEGIN IMMEDIATE')
    let paid = false
    const paying = store.till.orders.pay(payRow('o1')).then(() => {
      paid = true
    })
    expect((await store.till.orders.list({ state: 'paid', limit: 1 })).orders).toEqual([])
    expect(paid).toBe(false)
    other.exec('ROLLBACK')
    await paying
  })

  it('[ST44] has answered before the store is closed, and refuses afterwards', async () => {
    const dir = await testFolder()
    const store = await openStore({ dir })
    await openSession(store)
    const list = store.till.orders.list({ state: 'paid', limit: 1 })
    await store.close()
    expect(await list).toEqual({ orders: [] })
    expect(await codeOf(store.till.orders.list({ state: 'paid', limit: 1 }))).toBe('store_unavailable')
    expect(readdirSync(dir).sort()).toEqual(['books.db', 'ledger.key'])
  })

  it('[ST44] that cannot be had fails the read, not the next one', async () => {
    const dir = await testFolder()
    const store = await openBooks(dir)
    await openSession(store)
    const db = new DatabaseSync(`${dir}/books.db`)
    onTestFinished(() => db.close())
    const version = db.prepare('PRAGMA user_version').get()?.user_version
    db.exec('PRAGMA user_version = 9999')
    expect(await codeOf(store.till.orders.list({ state: 'paid', limit: 1 }))).toBe('store_corrupt')
    db.exec(`PRAGMA user_version = ${String(version)}`)
    expect(await store.till.orders.list({ state: 'paid', limit: 1 })).toEqual({ orders: [] })
  })
})
