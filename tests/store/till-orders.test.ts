/** Orders in the books: drafts that all share, and paid ones that are numbered once and for ever. */
import { describe, expect, it } from 'vitest'
import type { PayRow, Store } from '../../src/store/store.ts'
import { draftLimits } from '../../src/store/till/drafts.ts'
import { codeOf } from '../contracts/store.ts'
import { draftChange, memoryBooks, openSession, payRow } from './support/till.ts'

async function openBooks(): Promise<Store> {
  const store = await memoryBooks()
  await openSession(store)
  return store
}

/** What must be as it was when a step is refused. */
const everything = async (store: Store) => ({
  entries: await store.ledger.after(0, 1_000),
  figures: await store.till.sessions.figures('s1'),
  paid: await store.till.orders.list({ state: 'paid', limit: 100 }),
  drafts: await store.till.orders.list({ state: 'draft', limit: 100 }),
})

async function refuses(store: Store, work: () => Promise<unknown>): Promise<string | undefined> {
  const before = await everything(store)
  const code = await codeOf(work())
  expect(await everything(store)).toEqual(before)
  return code
}

describe('paying', () => {
  it('[ST32] numbers, chains and files an order, and ends its draft, in one step', async () => {
    const store = await openBooks()
    const { orders, sessions } = store.till
    await orders.change([draftChange('o1', 0)])
    const commits = store.stats.commits
    const draft = { version: 1, client: 'c1', now: 2_000 }
    const sold = await orders.pay(payRow('o1', { draft, label: 'Bob', tracking: 1 }))
    expect(store.stats.commits).toBe(commits + 1)
    expect(sold).toMatchObject({
      number: 1,
      reference: 'B-r1-000001',
      prints: 0,
      invoice: false,
      refunded: {},
      sync: {},
      repeated: false,
    })
    expect(JSON.parse(sold.body)).toMatchObject({ id: 'o1', number: 1, reference: 'B-r1-000001' })
    const [entry] = await store.ledger.after(sold.seq - 1, 1)
    expect(entry).toMatchObject({ kind: 'order', body: sold.body, hash: sold.hash, at: 2_000 })
    expect(await orders.draft('o1')).toBeUndefined()
    expect(await orders.byReference('B-r1-000001')).toBe('o1')
    const { repeated: _, ...row } = sold
    expect(await orders.sold('o1')).toEqual(row)
    expect(await sessions.figures('s1')).toMatchObject({
      lastSeq: sold.seq,
      grandTotal: 500,
      drafts: 0,
      firstOrder: 'B-r1-000001',
      lastOrder: 'B-r1-000001',
    })
  })

  it('[ST32] a new order waits for each upstream', async () => {
    const store = await openBooks()
    await store.till.outbox.upstream('shop', false)
    const { sync } = await store.till.orders.pay(payRow('o1'))
    expect(sync).toEqual({ shop: 'queued' })
    expect((await store.till.orders.sold('o1'))?.sync).toEqual(sync)
  })

  it('[ST33] the same id and content again is the same order, and changes nothing', async () => {
    const store = await openBooks()
    const first = await store.till.orders.pay(payRow('o1'))
    const before = await everything(store)
    expect(await store.till.orders.pay(payRow('o1'))).toEqual({ ...first, repeated: true })
    expect(await everything(store)).toEqual(before)
    const other = () => store.till.orders.pay(payRow('o1', { fingerprint: 'another' }))
    expect(await refuses(store, other)).toBe('till_conflict')
  })

  it('[ST33] it is the same order also when its session is closed by then', async () => {
    const store = await openBooks()
    const { seq } = await store.till.orders.pay(payRow('o1'))
    const figures = await store.till.sessions.figures('s1')
    const session = { ...figures!.session, state: 'closed' as const }
    const closing = { lastSeq: seq, counted: 0, session, report: {} as never, at: 3_000 }
    expect(await store.till.sessions.close('s1', closing)).toBe(true)
    expect(await store.till.orders.pay(payRow('o1'))).toMatchObject({ seq, repeated: true })
    expect(await refuses(store, () => store.till.orders.pay(payRow('o2')))).toBe('session_closed')
  })

  it.each([
    ['a session that is not there', { session: 's9' }, 'session_closed'],
    ['the session of another register', { register: 'r2' }, 'session_closed'],
    ['another version of the draft', { draft: { version: 2, client: 'c1', now: 2_000 } }, 'order_changed'],
    ['a draft that was not told of', {}, 'order_changed'],
    ['a draft that another till holds', { draft: { version: 1, client: 'c2', now: 2_000 } }, 'order_held'],
    ['a number of no block', { id: 'o2', number: 7 }, 'till_invalid'],
  ] satisfies [string, Partial<PayRow>, string][])(
    '[ST32] %s is refused, and nothing has changed',
    async (_, more, code) => {
      const store = await openBooks()
      await store.till.orders.change([draftChange('o1', 0)])
      await store.till.orders.hold('o1', { client: 'c1', by: 'Till 1', until: 2_001 }, 1_500)
      expect(await refuses(store, () => store.till.orders.pay(payRow('o1', more)))).toBe(code)
    },
  )

  it('[ST32] one that was cancelled is not paid', async () => {
    const store = await openBooks()
    const { orders } = store.till
    await orders.change([draftChange('o1', 0)])
    await orders.change([{ remove: 'o1', expect: { version: 1, client: 'c1', now: 1_600 } }])
    expect(await refuses(store, () => orders.pay(payRow('o1')))).toBe('order_ended')
  })

  it('[ST2] a payment that is refused does not undo the others of its commit', async () => {
    const store = await openBooks()
    const { orders } = store.till
    const settled = await Promise.allSettled([
      orders.pay(payRow('o1')),
      orders.pay(payRow('o2', { session: 's9' })),
      orders.pay(payRow('o3')),
    ])
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await orders.sold('o3'))?.number).toBe(2)
    expect((await store.ledger.verify()).broken).toBeUndefined()
  })

  it('[ST2] an order that breaks a rule of the database in the middle leaves nothing of itself', async () => {
    const store = await openBooks()
    const { orders } = store.till
    const broken = payRow('o2')
    const [sum] = broken.sums
    const settled = await Promise.allSettled([
      orders.pay(payRow('o1')),
      orders.pay({ ...broken, sums: [{ ...sum!, total: 0.5 }] }),
      orders.pay(payRow('o3')),
    ])
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await orders.sold('o2')).toBeUndefined()
    expect((await orders.sold('o3'))?.number).toBe(2)
    expect((await store.till.sessions.figures('s1'))?.grandTotal).toBe(1_000)
    expect((await store.ledger.verify()).broken).toBeUndefined()
  })
})

describe('numbers', () => {
  it('[ST34] run on without a gap for each register, whatever was refused in between', async () => {
    const store = await openBooks()
    await openSession(store, 's2', 'r2')
    const { orders } = store.till
    const numbers: number[] = []
    for (let order = 1; order <= 5; order++) {
      numbers.push((await orders.pay(payRow(`a${order}`))).number)
      await codeOf(orders.pay(payRow(`b${order}`, { session: 's9' })))
    }
    expect(numbers).toEqual([1, 2, 3, 4, 5])
    expect((await orders.pay(payRow('c', { register: 'r2', session: 's2' }))).number).toBe(1)
  })

  it('[ST34] a block is passed over by the others, and each of its numbers is used once, by its register', async () => {
    const store = await openBooks()
    await openSession(store, 's2', 'r2')
    const { orders } = store.till
    const block = { id: 'b1', register: 'r1', count: 3, client: 'c1', at: 1_000 }
    const entry = { kind: 'numbers.reserved', at: 1_000 }
    await orders.pay(payRow('o1'))
    expect(await orders.reserve(block, entry)).toEqual({ from: 2, until: 4 })
    expect((await orders.pay(payRow('o2'))).number).toBe(5)
    expect(await orders.pay(payRow('o3', { number: 4 }))).toMatchObject({
      number: 4,
      reference: 'B-r1-000004',
    })
    expect((await orders.pay(payRow('o4', { number: 2 }))).number).toBe(2)
    for (const number of [1, 2, 4, 5]) {
      expect(await refuses(store, () => orders.pay(payRow('o5', { number })))).toBe('till_invalid')
    }
    const elsewhere = payRow('o5', { register: 'r2', session: 's2', number: 3 })
    expect(await refuses(store, () => orders.pay(elsewhere))).toBe('till_invalid')
    expect((await orders.pay(payRow('o5', { number: 3 }))).number).toBe(3)
    expect((await orders.pay(payRow('o6'))).number).toBe(6)
    const reserved = (await store.ledger.after(0, 100)).find(({ kind }) => kind === 'numbers.reserved')
    expect(JSON.parse(reserved?.body ?? '')).toEqual({
      id: 'b1',
      register: 'r1',
      from: 2,
      until: 4,
      client: 'c1',
    })
  })

  it('[ST33] the same block again is the same block', async () => {
    const store = await openBooks()
    const { orders } = store.till
    const block = { id: 'b1', register: 'r1', count: 3, client: 'c1', at: 1_000 }
    const entry = { kind: 'numbers.reserved', at: 1_000 }
    const first = await orders.reserve(block, entry)
    const before = await everything(store)
    expect(await orders.reserve({ ...block, at: 2_000 }, { ...entry, at: 2_000 })).toEqual(first)
    expect(await everything(store)).toEqual(before)
    for (const other of [{ count: 4 }, { register: 'r2' }, { client: 'c2' }]) {
      const reserve = () => orders.reserve({ ...block, ...other }, entry)
      expect(await refuses(store, reserve)).toBe('till_conflict')
    }
  })

  it('[ST34] a reference that another register gave is refused', async () => {
    const store = await openBooks()
    await openSession(store, 's2', 'r2')
    await store.till.orders.pay(payRow('o1'))
    const same = payRow('o2', { register: 'r2', session: 's2', prefix: 'B-r1-' })
    expect(await refuses(store, () => store.till.orders.pay(same))).toBe('till_invalid')
  })
})

describe('refunds', () => {
  const refund = (quantityE6: number, line = 'l1') => ({ order: 'o1', line, quantityE6, soldE6: 3_000_000 })

  it('[ST35] no more comes back than was sold, over several refunds and within one', async () => {
    const store = await openBooks()
    const { orders } = store.till
    await orders.pay(payRow('o1'))
    await orders.pay(payRow('r1', { refunds: [refund(1_500_000)], total: -250, refund: true }))
    const tooMuch = payRow('r2', { refunds: [refund(1_000_000), refund(500_001)] })
    expect(await refuses(store, () => orders.pay(tooMuch))).toBe('refund_exceeded')
    await expect(orders.pay(tooMuch)).rejects.toMatchObject({ context: { line: 'l1', left: '0.5' } })
    await orders.pay(payRow('r3', { refunds: [refund(1_000_000), refund(500_000), refund(3_000_000, 'l2')] }))
    expect((await orders.sold('o1'))?.refunded).toEqual({ l1: 3_000_000, l2: 3_000_000 })
    expect(await refuses(store, () => orders.pay(payRow('r4', { refunds: [refund(1)] })))).toBe(
      'refund_exceeded',
    )
  })
})

describe('what happens to a paid order', () => {
  const duplicate = { kind: 'receipt.duplicate', body: { id: 'o1' }, at: 3_000 }

  it('[ST36] prints are counted, and told in the ledger from the second on', async () => {
    const store = await openBooks()
    const { orders, sessions } = store.till
    const { seq } = await orders.pay(payRow('o1'))
    expect(await orders.printed('o1', duplicate)).toBe(1)
    expect((await store.ledger.after(seq, 10)).length).toBe(0)
    expect(await orders.printed('o1', duplicate)).toBe(2)
    expect((await store.ledger.after(seq, 10)).map(({ kind }) => kind)).toEqual(['receipt.duplicate'])
    expect(await sessions.figures('s1')).toMatchObject({ duplicates: 1, lastSeq: seq + 1 })
    expect((await orders.sold('o1'))?.prints).toBe(2)
    expect(await refuses(store, () => orders.printed('o9', duplicate))).toBe('till_unknown')
  })

  it('[ST36] an invoice is wanted once for a customer; the order stays as it was paid', async () => {
    const store = await openBooks()
    const { orders } = store.till
    const { body } = await orders.pay(payRow('o1'))
    const entry = { kind: 'invoice', body: { id: 'o1', customer: 'k1' }, at: 3_000 }
    expect(await orders.invoice('o1', 'k1', entry)).toMatchObject({ invoice: true, customer: 'k1', body })
    const before = await everything(store)
    expect(await orders.invoice('o1', 'k1', entry)).toMatchObject({ invoice: true })
    expect(await everything(store)).toEqual(before)
    expect(await refuses(store, () => orders.invoice('o9', 'k1', entry))).toBe('till_unknown')
  })
})

describe('drafts', () => {
  it('[ST37] a change names the version it knows; another one is refused', async () => {
    const store = await openBooks()
    const { orders } = store.till
    const [made] = await orders.change([draftChange('o1', 0)])
    expect(made).toMatchObject({ version: 1, tracking: 1, held: null })
    expect(await orders.change([draftChange('o1', 1, 'c2', { label: 'Bob' })])).toMatchObject([
      { version: 2, tracking: 1, label: 'Bob' },
    ])
    expect(await refuses(store, () => orders.change([draftChange('o1', 1)]))).toBe('order_changed')
    expect(await refuses(store, () => orders.change([draftChange('o1', 0)]))).toBe('order_changed')
    expect(await refuses(store, () => orders.change([draftChange('o9', 3)]))).toBe('till_unknown')
    const elsewhere = draftChange('o9', 0, 'c1', { session: 's9' })
    expect(await refuses(store, () => orders.change([elsewhere]))).toBe('session_closed')
  })

  it('[ST37] changes of several drafts are one step: with one that is refused none happens', async () => {
    const store = await openBooks()
    const { orders } = store.till
    await orders.change([draftChange('o1', 0), draftChange('o2', 0)])
    const expectation = { client: 'c1', now: 1_600 }
    const merge = (version: number) =>
      orders.change([draftChange('o1', 1), { remove: 'o2', expect: { ...expectation, version } }])
    expect(await refuses(store, () => merge(7))).toBe('order_changed')
    expect(await merge(1)).toMatchObject([{ id: 'o1', version: 2 }])
    expect(await orders.draft('o2')).toBeUndefined()
    expect((await store.till.sessions.figures('s1'))?.cancelled).toBe(0)
    const twice = [draftChange('o1', 2), draftChange('o1', 2)]
    expect(await refuses(store, () => orders.change(twice))).toBe('till_invalid')
  })

  it('[ST37] one that was paid, cancelled or merged away does not come back', async () => {
    const store = await openBooks()
    const { orders, sessions } = store.till
    await orders.change([draftChange('o1', 0)])
    const entry = { kind: 'order.cancelled', body: { id: 'o1' }, at: 1_700 }
    await orders.change([{ remove: 'o1', expect: { version: 1, client: 'c1', now: 1_600 } }], [entry])
    expect((await store.ledger.after(0, 10)).map(({ kind }) => kind)).toContain('order.cancelled')
    expect((await sessions.figures('s1'))?.cancelled).toBe(1)
    await orders.pay(payRow('o2'))
    for (const id of ['o1', 'o2']) {
      expect(await refuses(store, () => orders.change([draftChange(id, 0)]))).toBe('order_ended')
      const hold = () => orders.hold(id, { client: 'c1', by: 'Till 1', until: 9_000 }, 1_600)
      expect(await refuses(store, hold)).toBe('order_ended')
    }
  })

  it('[ST37] one holds it at a time, until the lease ends or it is let go', async () => {
    const store = await openBooks()
    const { orders } = store.till
    await orders.change([draftChange('o1', 0), draftChange('o2', 0)])
    const hold = (client: string, now: number, id = 'o1') =>
      orders.hold(id, { client, by: `Till ${client}`, until: now + 1_000 }, now)
    expect(await hold('c1', 2_000)).toMatchObject({
      held: { client: 'c1', by: 'Till c1', until: 3_000 },
      version: 1,
    })
    await expect(hold('c2', 2_999)).rejects.toMatchObject({
      code: 'order_held',
      context: { by: 'Till c1', until: '1970-01-01T00:00:03.000Z' },
    })
    expect(await codeOf(orders.change([draftChange('o1', 1, 'c2')]))).toBe('order_held')
    expect((await orders.change([draftChange('o1', 1, 'c1')]))[0]?.held?.client).toBe('c1')
    expect((await hold('c2', 3_000)).held?.client).toBe('c2')
    expect(await orders.release('o1', 'c1')).toBeUndefined()
    expect((await orders.release('o1', 'c2'))?.held).toBeNull()
    await hold('c1', 4_000)
    await hold('c1', 4_000, 'o2')
    expect((await orders.releaseAll('c1')).map(({ id, held }) => [id, held])).toEqual([
      ['o1', null],
      ['o2', null],
    ])
    expect(await orders.releaseAll('c1')).toEqual([])
    expect(await codeOf(hold('c1', 4_000, 'o9'))).toBe('till_unknown')
  })

  it('[ST37] tracking numbers come round again', async () => {
    const store = await openBooks()
    const { orders } = store.till
    const made = await Promise.all(
      Array.from({ length: draftLimits.trackingMax + 1 }, (_, index) =>
        orders.change([draftChange(`o${index}`, 0)]),
      ),
    )
    const given = made.map(([draft]) => draft?.tracking)
    expect(given.at(-2)).toBe(draftLimits.trackingMax)
    expect(given.at(-1)).toBe(1)
    expect(new Set(given).size).toBe(draftLimits.trackingMax)
  })
})
