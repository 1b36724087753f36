/** The way to an upstream: order, retries, refusals, restarts. Rules of docs/till-upstreams.md. */
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import type { PayRow, Store } from '../../src/store/store.ts'
import { outboxLimits } from '../../src/till/sync/outbox-limits.ts'
import { testFolder } from '../store/support/folder.ts'
import { memoryBooks, openSession, payRow } from '../store/support/till.ts'
import { TestClock } from '../support/clock.ts'
import { answer, bench, drained, Office, ok, until } from './upstream-support.ts'

/** A paid order; fields of its body may differ from the usual. */
function order(id: string, body: Record<string, unknown> = {}, more: Partial<PayRow> = {}): PayRow {
  const row = payRow(id, more)
  return { ...row, body: JSON.stringify({ ...(JSON.parse(row.body) as object), ...body }) }
}

const refundOf = (id: string, of: string): PayRow =>
  order(id, { lines: [{ id: 'l1', refundOf: { order: of, line: 'l1' } }] })

const putCustomer = (store: Store, id: string, name = 'Grace') =>
  store.till.catalogue.put([{ kind: 'customer', thing: { id, name } as { id: string } }], 1_000)

const closeSession = async (store: Store, id = 's1') => {
  const figures = await store.till.sessions.figures(id)
  const session = { ...figures!.session, state: 'closed' as const }
  const report = { session } as never
  await store.till.sessions.close(id, { lastSeq: figures!.lastSeq, counted: 0, session, report, at: 3_000 })
}

const cash = (store: Store, id: string) =>
  store.till.sessions.move(
    { id, session: 's1', amount: -100, reason: 'bank', at: new Date(2_500).toISOString(), by: 'ann' },
    2_500,
  )

const states = async (store: Store) =>
  Object.fromEntries(
    (await store.till.outbox.list({ upstream: 'office', limit: 500 })).items.map(
      ({ kind, ref, state, reason }) => [`${kind} ${ref}`, reason === null ? state : `${state}: ${reason}`],
    ),
  )

describe('what is sent', () => {
  it('[W1] everything in the order of the ledger, with what it depends on and the key of its entry', async () => {
    const store = await memoryBooks()
    const office = await Office.open()
    await putCustomer(store, 'k1')
    await openSession(store)
    await store.till.orders.pay(order('o1', { customer: 'k1' }, { customer: 'k1' }))
    await store.till.orders.pay(refundOf('o2', 'o1'))
    const wish = { order: 'o1', reference: 'B-r1-000001', customer: 'k1', by: 'ann' }
    await store.till.orders.invoice('o1', 'k1', { kind: 'invoice', body: wish, at: 2_200 })
    await store.till.orders.invoice('o2', 'k1', {
      kind: 'invoice',
      body: { ...wish, order: 'o2' },
      at: 2_200,
    })
    await cash(store, 'c1')
    await closeSession(store)
    const { outbox } = bench(store, office)
    outbox.start()
    await until(() => drained({ outbox }))
    expect(office.ids).toEqual([
      'customer k1',
      'session.opened s1',
      'order o1',
      'order o2',
      'invoice o1',
      'invoice o2',
      'cash c1',
      'session.closed s1',
    ])
    const ledger = new Map((await store.ledger.after(0, 100)).map((entry) => [entry.seq, entry]))
    for (const { item, headers } of office.received) {
      expect(item.key).toBe(ledger.get(item.seq)?.hash)
      expect(headers['idempotency-key']).toBe(item.key)
    }
    const [customer, , first, refund, , invoice, move] = office.received.map(({ item }) => item)
    expect(customer?.body).toMatchObject({ id: 'k1', name: 'Grace' })
    expect(first?.body).toMatchObject({ id: 'o1', reference: 'B-r1-000001', number: 1 })
    const session = { kind: 'session.opened', id: 's1', remote: 'r-s1' }
    expect(first?.needs).toEqual([session, { kind: 'customer', id: 'k1', remote: 'r-k1' }])
    expect(refund?.needs).toEqual([session, { kind: 'order', id: 'o1', remote: 'r-o1' }])
    expect(invoice?.needs).toEqual([
      { kind: 'order', id: 'o2', remote: 'r-o2' },
      { kind: 'customer', id: 'k1', remote: 'r-k1' },
    ])
    expect(move?.needs).toEqual([session])
  })

  it('[W1] the customer is sent as it is now, and one that was removed is not sent', async () => {
    const store = await memoryBooks()
    const office = await Office.open()
    await putCustomer(store, 'k1')
    await putCustomer(store, 'k2')
    await putCustomer(store, 'k2', 'Hopper')
    await store.till.catalogue.remove('customer', 'k1')
    const { outbox } = bench(store, office)
    outbox.start()
    await until(() => drained({ outbox }))
    expect(office.received.map(({ item }) => item.body.name)).toEqual(['Hopper', 'Hopper'])
    expect((await states(store))['customer k1']).toBe('sent: it was removed here before it was sent')
  })

  it('[W2] a new upstream begins with what comes after it, or with all of the ledger', async () => {
    const store = await memoryBooks()
    await openSession(store)
    await store.till.orders.pay(payRow('o1'))
    const [late, all] = [await Office.open(), await Office.open()]
    const benches = [
      bench(store, late, { history: false, name: 'late' }),
      bench(store, all, { history: true, name: 'all' }),
    ]
    for (const { outbox } of benches) outbox.start()
    await until(() => drained(benches[1]!))
    await store.till.orders.pay(payRow('o2'))
    for (const { outbox } of benches) outbox.wake()
    await until(async () => (await drained(benches[0]!)) && all.ids.length === 3)
    expect(late.ids).toEqual(['order o2'])
    expect(late.received[0]?.item.needs).toEqual([])
    expect(all.ids).toEqual(['session.opened s1', 'order o1', 'order o2'])
  })

  it('[W3] nothing ticks where nothing happens', async () => {
    const store = await memoryBooks()
    const office = await Office.open()
    await openSession(store)
    const { outbox, clock } = bench(store, office)
    outbox.start()
    await until(() => drained({ outbox }))
    await clock.advance(outboxLimits.eventMsMin)
    await clock.advance(outboxLimits.eventMsMin)
    expect(clock.pending).toBe(0)
  })
})

describe('trouble', () => {
  it('[W4] the same item is tried again, later each time, and nothing is skipped', async () => {
    const store = await memoryBooks()
    const office = await Office.open((_, response) => answer(response, 502, 'bad gateway'))
    await openSession(store)
    await store.till.orders.pay(payRow('o1'))
    const { outbox, clock, status } = bench(store, office, { random: () => 0.999_999 })
    outbox.start()
    const waits = [2, 4, 8]
    for (const [index, seconds] of waits.entries()) {
      await until(async () => (await status()).upstreams[0]?.state === 'waiting')
      expect(office.received.length).toBe(index + 1)
      expect((await status()).upstreams[0]?.problem).toBe('answered 502: bad gateway')
      await clock.advance(seconds * 1_000 - 2)
      expect(office.received.length).toBe(index + 1)
      await clock.advance(2)
      await until(() => office.received.length === index + 2)
    }
    await until(async () => (await status()).upstreams[0]?.state === 'waiting')
    expect(new Set(office.ids)).toEqual(new Set(['session.opened s1']))
    expect(new Set(office.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    office.behaviour = (_, response) => ok(response)
    await clock.advance(16_000)
    await until(() => drained({ outbox }))
    expect(office.ids.slice(-2)).toEqual(['session.opened s1', 'order o1'])
    expect((await status()).upstreams[0]).toMatchObject({ problem: null, sold: 2, sent: 2, parked: 0 })
  })

  it('[W4] never sooner than 1 s, never later than 60 s', async () => {
    for (const [random, waits] of [
      [0, [1_000, 1_000, 1_000, 1_000]],
      [0.999_999, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]],
    ] as const) {
      const store = await memoryBooks()
      const office = await Office.open((_, response) => answer(response, 500))
      await openSession(store)
      const { outbox, clock, status } = bench(store, office, { random: () => random })
      outbox.start()
      for (const [index, wait] of waits.entries()) {
        await until(() => office.received.length === index + 1)
        await until(async () => (await status()).upstreams[0]?.state === 'waiting')
        // An item that failed often waits twice, to let another one try.
        const after = index >= outboxLimits.stuckAttempts - 1 && index % 2 === 0 ? 2 * wait : wait
        await clock.advance(after - 1)
        expect(office.received.length).toBe(index + 1)
        await clock.advance(1)
      }
      await outbox.stop()
    }
  })

  it('[W5] an upstream that wants to be left alone is, within reason', async () => {
    for (const [header, ms] of [
      ['7', 7_000],
      [new Date(Date.UTC(2026, 0, 2, 3, 4, 5) + 30_000).toUTCString(), 30_000],
      ['999999', outboxLimits.retryAfterMsMax],
    ] as const) {
      const store = await memoryBooks()
      const office = await Office.open((_, response) => answer(response, 429, '', { 'Retry-After': header }))
      await openSession(store)
      const { outbox, clock, status } = bench(store, office)
      outbox.start()
      await until(async () => (await status()).upstreams[0]?.state === 'waiting')
      await clock.advance(ms - 1)
      expect(office.received.length).toBe(1)
      await clock.advance(1)
      await until(() => office.received.length === 2)
      await outbox.stop()
    }
  })

  it('[W6] an attempt is given up after 2 s', async () => {
    const store = await memoryBooks()
    const office = await Office.open(() => {})
    await openSession(store)
    const { outbox, clock, status } = bench(store, office)
    outbox.start()
    await until(() => office.received.length === 1)
    await clock.advance(outboxLimits.attemptMsMax - 1)
    expect((await status()).upstreams[0]?.state).toBe('sending')
    await clock.advance(1)
    await until(async () => (await status()).upstreams[0]?.state === 'waiting')
    expect((await status()).upstreams[0]?.problem).toBe('no answer within 2000 ms')
  })

  it('[W7] an item that fails while others get through is parked, and holds up nothing', async () => {
    const store = await memoryBooks()
    const office = await Office.open(({ item }, response) =>
      item.id === 'o1' ? answer(response, 500, 'stack trace') : ok(response),
    )
    await openSession(store)
    for (const id of ['o1', 'o2', 'o3']) await store.till.orders.pay(payRow(id))
    await store.till.orders.pay(refundOf('o4', 'o1'))
    const { outbox, clock, status } = bench(store, office)
    outbox.start()
    for (let tries = 0; tries < 40 && (await status()).upstreams[0]?.parked !== 1; tries++) {
      await until(async () => (await status()).upstreams[0]?.state !== 'sending')
      await clock.advance(1_000)
    }
    await until(async () => (await status()).upstreams[0]?.sent === 3)
    expect(office.ids.filter((id) => id === 'order o1').length).toBe(outboxLimits.stuckAttempts + 1)
    expect(await states(store)).toMatchObject({
      'order o1': 'parked: failed 6 times while others got through: answered 500: stack trace',
      'order o2': 'sent',
      'order o3': 'sent',
      'order o4': 'queued: waits for order o1',
    })
  })

  it('[W7] while nothing gets through nothing is parked, however long it takes', async () => {
    const store = await memoryBooks()
    const office = await Office.open((_, response) => answer(response, 503))
    await openSession(store)
    for (let index = 0; index < 5; index++) await store.till.orders.pay(payRow(`o${index}`))
    const { outbox, clock, status } = bench(store, office, { random: () => 0.5 })
    outbox.start()
    for (let tries = 0; tries < 60; tries++) {
      await until(async () => (await status()).upstreams[0]?.state !== 'sending')
      await clock.advance(61_000)
    }
    expect((await status()).upstreams[0]).toMatchObject({ parked: 0, sent: 0 })
    office.behaviour = (_, response) => ok(response)
    for (let tries = 0; tries < 5; tries++) {
      await clock.advance(121_000)
      await until(async () => (await status()).upstreams[0]?.state !== 'sending')
    }
    await until(() => drained({ outbox }))
    const lastOf = (id: string) => office.ids.lastIndexOf(id)
    for (let index = 0; index < 5; index++)
      expect(lastOf('session.opened s1')).toBeLessThan(lastOf(`order o${index}`))
  })
})

describe('refusals', () => {
  it('[W8] what is refused is parked in the words of the upstream, the rest goes on, what depends on it waits', async () => {
    const store = await memoryBooks()
    let closed = true
    const office = await Office.open(({ item }, response) =>
      closed && ['k1', 'o2'].includes(item.id)
        ? answer(response, 422, JSON.stringify({ error: `${item.id} is not known` }))
        : ok(response, `r-${item.id}`),
    )
    await putCustomer(store, 'k1')
    await openSession(store)
    await store.till.orders.pay(order('o1', { customer: 'k1' }, { customer: 'k1' }))
    await store.till.orders.pay(payRow('o2'))
    await store.till.orders.pay(refundOf('o3', 'o2'))
    await store.till.orders.pay(refundOf('o4', 'o3'))
    await store.till.orders.pay(payRow('o5'))
    await cash(store, 'c1')
    await closeSession(store)
    await openSession(store, 's2')
    await store.till.orders.pay(payRow('o6', { session: 's2' }))
    const { outbox, status, health, clock } = bench(store, office)
    outbox.start()
    const arrived = ['session.opened s1', 'order o5', 'cash c1', 'session.opened s2', 'order o6']
    await until(async () => (await status()).upstreams[0]?.sent === arrived.length)
    await until(async () => (await status()).upstreams[0]?.state === 'idle')
    expect(await states(store)).toEqual({
      ...Object.fromEntries(arrived.map((id) => [id, 'sent'])),
      'customer k1': 'parked: answered 422: k1 is not known',
      'order o1': 'queued: waits for customer k1',
      'order o2': 'parked: answered 422: o2 is not known',
      'order o3': 'queued: waits for order o2',
      'order o4': 'queued: waits for order o3',
      'session.closed s1': expect.stringMatching(/^queued: waits for order/) as string,
    })
    expect((await status()).upstreams[0]).toMatchObject({ sold: 11, sent: 5, parked: 2, state: 'idle' })
    await clock.advance(outboxLimits.eventMsMin)
    await until(() => health.get('upstream.office')?.includes('refused 2') === true)

    closed = false
    const before = office.ids.length
    const [parked] = (await store.till.outbox.list({ upstream: 'office', state: 'parked', limit: 1 })).items
    expect(await outbox.retry('office', parked!.seq)).toBe(1)
    expect(await outbox.retry('office', undefined)).toBe(1)
    await until(() => drained({ outbox }))
    const sent = office.ids.slice(before)
    expect(sent.toSorted()).toEqual(
      ['customer k1', 'order o1', 'order o2', 'order o3', 'order o4', 'session.closed s1'].toSorted(),
    )
    const comesAfter = (late: string, early: string) =>
      expect(sent.indexOf(late)).toBeGreaterThan(sent.indexOf(early))
    comesAfter('order o1', 'customer k1')
    comesAfter('order o3', 'order o2')
    comesAfter('order o4', 'order o3')
    for (const id of ['o1', 'o2', 'o3', 'o4']) comesAfter('session.closed s1', `order ${id}`)
    await clock.advance(2 * outboxLimits.eventMsMin)
    await until(() => !health.has('upstream.office'))
  })

  it('[W8] a retry does not wait for the end of a pause, and an upstream that is not there is told', async () => {
    const store = await memoryBooks()
    const office = await Office.open((_, response) => answer(response, 500))
    await openSession(store)
    const { outbox, status } = bench(store, office)
    outbox.start()
    await until(async () => (await status()).upstreams[0]?.state === 'waiting')
    office.behaviour = (_, response) => ok(response)
    expect(await outbox.retry('office', undefined)).toBe(0)
    await until(() => drained({ outbox }))
    await expect(outbox.retry('branch', 1)).rejects.toMatchObject({ code: 'till_unknown' })
    await expect(outbox.list({ upstream: 'branch', limit: 1 })).rejects.toMatchObject({
      code: 'till_unknown',
    })
  })
})

describe('restarts', () => {
  it('[W9] what was acknowledged is never sent again, what was under way is, under the same key', async () => {
    const dir = await testFolder()
    const office = await Office.open((_, response, count) => (count === 3 ? undefined : ok(response)))
    const first = await openStore({ dir, inline: true })
    await openSession(first)
    for (const id of ['o1', 'o2', 'o3']) await first.till.orders.pay(payRow(id))
    const { outbox } = bench(first, office)
    outbox.start()
    await until(() => office.received.length === 3)
    await outbox.stop()
    await first.close()

    const second = await openStore({ dir, inline: true })
    const again = bench(second, office)
    again.outbox.start()
    await until(() => drained(again))
    expect(office.ids).toEqual(['session.opened s1', 'order o1', 'order o2', 'order o2', 'order o3'])
    expect(office.received[3]?.item.key).toBe(office.received[2]?.item.key)
    await again.outbox.stop()
    await second.close()
  })

  it('[W9] after a pause was cut short by a restart nothing is skipped', async () => {
    const dir = await testFolder()
    const office = await Office.open((_, response) => answer(response, 500))
    const first = await openStore({ dir, inline: true })
    await openSession(first)
    await first.till.orders.pay(payRow('o1'))
    const before = bench(first, office)
    before.outbox.start()
    await until(async () => (await before.status()).upstreams[0]?.state === 'waiting')
    await before.outbox.stop()
    await first.close()
    office.behaviour = (_, response) => ok(response)
    const second = await openStore({ dir, inline: true })
    const again = bench(second, office)
    again.outbox.start()
    await until(() => drained(again))
    expect(office.ids.slice(1)).toEqual(['session.opened s1', 'order o1'])
    await again.outbox.stop()
    await second.close()
  })

  it('[W9] a clock that is put back holds nothing up', async () => {
    class PutBack extends TestClock {
      by = 0
      override now(): number {
        return super.now() - this.by
      }
    }
    const store = await memoryBooks()
    const office = await Office.open((_, response) => answer(response, 500))
    await openSession(store)
    const clock = new PutBack()
    const { outbox, status } = bench(store, office, { clock })
    outbox.start()
    await until(async () => (await status()).upstreams[0]?.state === 'waiting')
    clock.by = 365 * 24 * 3_600_000
    office.behaviour = (_, response) => ok(response)
    await clock.advance(outboxLimits.backOffMsMin)
    await until(() => drained({ outbox }))
    expect(office.ids).toEqual(['session.opened s1', 'session.opened s1'])
  })

  it('[W9] books that fail after an answer are written before anything else is sent', async () => {
    const store = await memoryBooks()
    const office = await Office.open()
    await openSession(store)
    await store.till.orders.pay(payRow('o1'))
    let failures = 1
    const failing: Store = {
      ...store,
      till: {
        ...store.till,
        outbox: {
          ...store.till.outbox,
          update: (row, now) =>
            failures-- > 0 ? Promise.reject(new Error('disk full')) : store.till.outbox.update(row, now),
        },
      },
    }
    const { outbox, clock, status } = bench(failing, office)
    outbox.start()
    await until(async () => (await status()).upstreams[0]?.state === 'waiting')
    expect(office.ids).toEqual(['session.opened s1'])
    await clock.advance(1_000)
    await until(() => drained({ outbox }))
    expect(office.ids).toEqual(['session.opened s1', 'order o1'])
  })
})

describe('what people see', () => {
  it('[W10] status and events, at most a few in a second', async () => {
    const store = await memoryBooks()
    const office = await Office.open()
    await openSession(store)
    for (let index = 0; index < 50; index++) await store.till.orders.pay(payRow(`o${index}`))
    const { outbox, clock, events } = bench(store, office)
    outbox.start()
    await until(() => drained({ outbox }))
    expect(events.length).toBeLessThanOrEqual(1)
    await clock.advance(outboxLimits.eventMsMin)
    await until(() => events.length === 2)
    await clock.advance(10 * outboxLimits.eventMsMin)
    expect(events.length).toBe(2)
    expect(events.at(-1)).toMatchObject({
      topic: 'till.outbox.changed',
      data: {
        upstream: 'office',
        kind: 'webhook',
        state: 'idle',
        sold: 51,
        sent: 51,
        verified: 0,
        parked: 0,
      },
    })
    await outbox.stop()
    expect((await outbox.status()).upstreams[0]?.state).toBe('stopped')
  })

  it('[W11] health tells of an upstream that takes nothing for 5 minutes, until it does', async () => {
    const store = await memoryBooks()
    const office = await Office.open((_, response) => answer(response, 503, 'down'))
    await openSession(store)
    const { outbox, clock, health, status } = bench(store, office, { random: () => 0.999 })
    outbox.start()
    const startedAt = clock.now()
    while (!health.has('upstream.office')) {
      await until(async () => (await status()).upstreams[0]?.state !== 'sending')
      await clock.advance(5_000)
      if (clock.now() - startedAt < outboxLimits.unhealthyMs) expect(health.size).toBe(0)
      expect(clock.now() - startedAt).toBeLessThan(outboxLimits.unhealthyMs + 3 * outboxLimits.backOffMsMax)
    }
    expect(health.get('upstream.office')).toBe(
      'office takes no sales: answered 503: down. They are kept and sent later.',
    )
    office.behaviour = (_, response) => ok(response)
    await outbox.retry('office', undefined)
    await until(() => drained({ outbox }))
    await clock.advance(2 * outboxLimits.eventMsMin)
    await until(() => health.size === 0)
  })

  it('[W12] pages of the outbox, newest first, by state', async () => {
    const store = await memoryBooks()
    const office = await Office.open(({ item }, response) =>
      item.id === 'o1' ? answer(response, 400, 'no') : ok(response, `r-${item.id}`),
    )
    await openSession(store)
    for (const id of ['o1', 'o2', 'o3']) await store.till.orders.pay(payRow(id))
    const { outbox, status } = bench(store, office)
    outbox.start()
    await until(async () => (await status()).upstreams[0]?.sent === 3)
    const page = await outbox.list({ upstream: 'office', limit: 2 })
    expect(page.items.map(({ id }) => id)).toEqual(['o3', 'o2'])
    const rest = await outbox.list({ upstream: 'office', limit: 2, before: page.next! })
    expect(rest).toEqual({
      items: [
        expect.objectContaining({ id: 'o1', state: 'parked', reason: 'answered 400: no', attempts: 1 }),
        expect.objectContaining({ id: 's1', state: 'sent', remote: 'r-s1', nextAt: null }),
      ],
    })
    const parked = await outbox.list({ upstream: 'office', state: 'parked', limit: 2 })
    expect(parked.items.map(({ id }) => id)).toEqual(['o1'])
    await expect(outbox.list({ upstream: 'office', limit: 1, before: 'x' })).rejects.toMatchObject({
      code: 'params_invalid',
    })
  })
})

describe('reading back', () => {
  const figures = { total: 500, tax: 100, paid: 500, payments: 1, lines: 1 }

  it('[W13] what the upstream has is compared: verified, or told what differs', async () => {
    const store = await memoryBooks()
    const office = await Office.open(({ method, path, item }, response) => {
      if (method === 'POST') ok(response, `r ${item.id}`)
      else if (path.includes('o2'))
        answer(response, 200, JSON.stringify({ ...figures, total: 499, lines: 2 }))
      else if (path.includes('o3')) answer(response, 404)
      else answer(response, 200, JSON.stringify(figures))
    })
    await openSession(store)
    for (const id of ['o1', 'o2', 'o3']) await store.till.orders.pay(payRow(id))
    const { outbox, status } = bench(store, office, { readBack: true })
    outbox.start()
    await until(async () => (await status()).upstreams[0]?.parked === 1)
    await until(async () => (await status()).upstreams[0]?.state === 'idle')
    expect(office.received[1]?.path).toBe('/back/session.opened/s1?remote=r%20s1')
    expect(await states(store)).toEqual({
      'session.opened s1': 'verified',
      'order o1': 'verified',
      'order o2': 'sent: differs: total 499 there, 500 here; lines 2 there, 1 here',
      'order o3': 'parked: it was acknowledged, and is not there',
    })
    expect((await status()).upstreams[0]).toMatchObject({ sold: 4, sent: 3, verified: 2, parked: 1 })
    expect((await status()).upstreams[0]?.problem).toMatch(/^order o2 differs/)
    const { items } = await outbox.list({ upstream: 'office', state: 'parked', limit: 1 })
    expect(items[0]?.attempts).toBe(1)
  })

  it('[W13] what cannot be read back is asked for later, and is not sent again', async () => {
    const store = await memoryBooks()
    let broken = true
    const office = await Office.open(({ method }, response) =>
      method === 'POST' ? ok(response) : broken ? answer(response, 500) : answer(response, 200, '{}'),
    )
    await openSession(store)
    await store.till.orders.pay(payRow('o1'))
    const { outbox, clock, status } = bench(store, office, { readBack: true })
    outbox.start()
    await until(async () => (await status()).upstreams[0]?.sent === 2)
    await until(async () => (await status()).upstreams[0]?.state === 'idle')
    broken = false
    await clock.advance(outboxLimits.readBackMs)
    await until(async () => (await status()).upstreams[0]?.verified === 2)
    expect(office.ids).toEqual(['session.opened s1', 'order o1'])
  })
})
