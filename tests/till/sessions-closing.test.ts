/** X, closing and Z, with the figures of a drawer that was counted by hand. */
import { describe, expect, it } from 'vitest'
import { catalogueSchemas } from '../../src/protocol/till/catalogue.ts'
import { sessionReportSchema } from '../../src/protocol/till/session.ts'
import { testFolder } from '../store/support/folder.ts'
import { TestClock } from '../support/clock.ts'
import {
  closeAsked,
  errorWith,
  hire,
  ledgerOf,
  open,
  openCounter,
  park,
  sell,
  staff,
  staffWithPins,
  technician,
  till,
  workedExample,
} from './counter-support.ts'

describe('X', () => {
  it('[Q27] the worked example: 287.50 should be in the drawer', async () => {
    const counter = await workedExample()
    const before = await counter.store.ledger.after(0, 100)
    const x = await counter.sessions.report({ session: 's1' }, technician)
    expect(sessionReportSchema.parse(x)).toEqual(x)
    expect(x).toMatchObject({
      orders: 2,
      refunds: 1,
      total: 23_750,
      cashExpected: 28_750,
      grandTotal: 23_750,
      methods: [{ method: 'cash', name: 'Cash', kind: 'cash', payments: 2, amount: 23_750 }],
      taxes: [{ tax: 't21', name: 'VAT 21 %', base: 20_661 - 1_033, amount: 4_339 - 217 }],
      firstOrder: 'K7-1-000001',
      lastOrder: 'K7-1-000002',
      closing: null,
    })
    expect(await counter.sessions.report({ session: 's1' }, technician)).toEqual(x)
    expect(await counter.store.ledger.after(0, 100)).toEqual(before)
  })

  it('[Q27] other methods, tips and discounts are told and do not come into the cash', async () => {
    const counter = await workedExample()
    await sell(
      counter,
      's1',
      [
        ['card', 4_000],
        ['cash', -500],
      ],
      { tip: 300, discounts: 250 },
    )
    await sell(counter, 's1', [['account', 900]])
    await sell(counter, 's1', [['bank', 700]])
    const x = await counter.sessions.report({ session: 's1' }, technician)
    expect(x.cashExpected).toBe(28_250)
    expect(x.methods.map(({ method, payments, amount }) => [method, payments, amount])).toEqual([
      ['cash', 2, 23_250],
      ['card', 1, 4_000],
      ['bank', 1, 700],
      ['account', 1, 900],
    ])
    expect(x).toMatchObject({ orders: 5, refunds: 1, total: 28_850, tips: 300, discounts: 250 })
  })

  it('[Q27] a session that is not there is told', async () => {
    const counter = await openCounter()
    await expect(counter.sessions.report({ session: 's9' }, technician)).rejects.toEqual(
      errorWith('till_unknown', { kind: 'session', id: 's9' }),
    )
  })

  it('[Q28] in a blind count those below manager see neither the cash nor what it is made of', async () => {
    const counter = await workedExample({ register: { blindCount: true, authorisedDifference: 100 } })
    const { cashier, manager } = await staff(counter)
    const blind = await counter.sessions.report({ login: cashier, session: 's1' }, till())
    expect(blind).toMatchObject({ cashExpected: null, methods: [], total: 23_750 })
    expect(sessionReportSchema.parse(blind)).toEqual(blind)
    expect(JSON.stringify(blind)).not.toContain('28750')
    const watcher = await counter.sessions.report({ session: 's1' }, till('screen', 'monitor'))
    expect(watcher).toMatchObject({ cashExpected: null, methods: [] })
    const seen = await counter.sessions.report({ login: manager, session: 's1' }, till())
    expect(seen.cashExpected).toBe(28_750)
    await counter.sessions.print({ login: cashier, session: 's1', job: 'x1' }, till())
    expect(counter.jobs.get('x1')?.receipt).not.toMatch(/287[.,]50/)

    for (const [login, context] of [
      [cashier, { difference: null, differenceText: '***' }],
      [manager, { difference: -50, differenceText: '-0.50 EUR', right: 'cashier' }],
    ] as const) {
      const refused = counter.sessions.close({ ...closeAsked('s1', 28_700), login }, till())
      await expect(refused).rejects.toMatchObject({ code: 'difference_found', context })
    }
    const z = await counter.sessions.close(
      { ...closeAsked('s1', 28_700, { acceptDifference: true }), login: cashier },
      till(),
    )
    expect(z.cashExpected).toBe(28_750)
    expect(await counter.sessions.report({ login: cashier, session: 's1' }, till())).toEqual(z)
  })

  it('[Q28] a blind count is no guessing: the fourth other count needs a manager, even the right one', async () => {
    const counter = await workedExample({ register: { blindCount: true } })
    const { cashier } = await staff(counter)
    const count = (cash: number, more: object = {}) =>
      counter.sessions.close({ ...closeAsked('s1', cash, more), login: cashier }, till())
    for (const cash of [28_753, 28_752, 28_751, 28_753])
      await expect(count(cash)).rejects.toMatchObject({ code: 'difference_found' })
    await expect(count(28_750)).rejects.toEqual(errorWith('right_missing', { right: 'manager' }))
    await expect(count(28_750, { approval: { badge: 'B-carl' } })).rejects.toEqual(errorWith('right_missing'))
    // What was counted before may still be accepted, and a manager may agree to another count.
    const other = await workedExample({ register: { blindCount: true } })
    const logins = await staff(other)
    for (const cash of [1, 2, 3])
      await expect(
        other.sessions.close({ ...closeAsked('s1', cash), login: logins.cashier }, till()),
      ).rejects.toMatchObject({ code: 'difference_found' })
    const z = await other.sessions.close(
      { ...closeAsked('s1', 28_750, { approval: { badge: 'B-mia' } }), login: logins.cashier },
      till(),
    )
    expect(z.closing?.approvedBy).toBe('mia')
    expect((await count(28_753, { acceptDifference: true })).closing?.counts[0]?.difference).toBe(3)
  })

  it('[Q28] accepting a difference that is beyond the authorised one is a count as well', async () => {
    const counter = await workedExample({ register: { blindCount: true, authorisedDifference: 10 } })
    const { cashier } = await staff(counter)
    const count = (cash: number) =>
      counter.sessions.close(
        { ...closeAsked('s1', cash, { acceptDifference: true }), login: cashier },
        till(),
      )
    for (const cash of [20_000, 21_000, 22_000, 28_745])
      await expect(count(cash)).rejects.toEqual(errorWith('right_missing', { right: 'manager' }))
  })
})

describe('closing', () => {
  it('[Q29] the worked example: 287.00 counted is 0.50 less', async () => {
    const counter = await workedExample()
    counter.published.length = 0
    await expect(counter.sessions.close(closeAsked('s1', 28_700), technician)).rejects.toEqual(
      errorWith('difference_found', { difference: -50 }),
    )
    expect(counter.published).toEqual([])
    await counter.clock.advance(8 * 3_600_000)
    const coins = { '20000': 1, '5000': 1, '2000': 1, '1000': 1, '500': 1, '200': 1 }
    const z = await counter.sessions.close(
      closeAsked('s1', 28_700, { acceptDifference: true, coins, note: 'a 50 cent coin fell down' }),
      technician,
    )
    expect(sessionReportSchema.parse(z)).toEqual(z)
    expect(z.session).toMatchObject({
      state: 'closed',
      closedAt: '2026-11-23T16:00:00.000Z',
      closedBy: 'workshop',
    })
    expect(z.closing).toEqual({
      counts: [{ method: 'cash', expected: 28_750, counted: 28_700, difference: -50 }],
      coins,
      note: 'a 50 cent coin fell down',
      approvedBy: null,
    })
    expect(counter.published).toEqual([{ topic: 'till.session.changed', data: z.session }])
    expect(await ledgerOf(counter, 'session.closed')).toEqual([z])
    expect(await counter.sessions.get({ register: 'r1' })).toEqual({ session: null, openingExpected: 28_700 })
    expect(await counter.store.ledger.verify()).not.toHaveProperty('broken')
  })

  const wrong: [string, object, string, object][] = [
    ['no cash', { counts: [] }, 'till_invalid', { path: 'counts' }],
    ['only the card', { counts: [{ method: 'card', counted: 0 }] }, 'till_invalid', { path: 'counts' }],
    [
      'the cash twice',
      {
        counts: [
          { method: 'cash', counted: 1 },
          { method: 'cash', counted: 1 },
        ],
      },
      'till_invalid',
      { path: 'counts.1.method' },
    ],
    [
      'what is paid later',
      {
        counts: [
          { method: 'cash', counted: 1 },
          { method: 'account', counted: 900 },
        ],
      },
      'till_invalid',
      { path: 'counts.1.method' },
    ],
    [
      'cash apart from the drawer',
      { counts: [{ method: 'foreign', counted: 1 }] },
      'till_invalid',
      { path: 'counts.0.method' },
    ],
    [
      'a method nobody knows',
      { counts: [{ method: 'shells', counted: 1 }] },
      'till_unknown',
      { id: 'shells' },
    ],
    ['coins of another sum', { coins: { '100': 3 } }, 'till_invalid', { path: 'coins' }],
  ]
  it.each(wrong)('[Q29] %s counted is refused', async (_, change, expected, context) => {
    const counter = await workedExample()
    await sell(counter, 's1', [['account', 900]])
    const asked = closeAsked('s1', 28_750, { acceptDifference: true, ...change })
    await expect(counter.sessions.close(asked, technician)).rejects.toEqual(errorWith(expected, context))
    expect((await counter.sessions.get({ register: 'r1' })).session?.id).toBe('s1')
  })

  it('[Q29] card and bank are right unless they were counted; other cash is in the one drawer', async () => {
    const counter = await workedExample()
    await sell(counter, 's1', [['card', 4_000]])
    await sell(counter, 's1', [['account', 900]])
    await sell(counter, 's1', [['foreign', 1_000]])
    const counts = [
      { method: 'cash', counted: 29_750 },
      { method: 'bank', counted: 30 },
    ]
    await expect(counter.sessions.close(closeAsked('s1', 0, { counts }), technician)).rejects.toMatchObject({
      context: { difference: 30 },
    })
    const z = await counter.sessions.close(
      closeAsked('s1', 0, { counts, acceptDifference: true }),
      technician,
    )
    expect(z.closing?.counts).toEqual([
      { method: 'cash', expected: 29_750, counted: 29_750, difference: 0 },
      { method: 'card', expected: 4_000, counted: 4_000, difference: 0 },
      { method: 'bank', expected: 0, counted: 30, difference: 30 },
    ])
  })

  it('[Q29] a register without cash counts none', async () => {
    const counter = await openCounter({ register: { paymentMethods: ['card'] } })
    await open(counter, 's1', 0)
    await sell(counter, 's1', [['card', 4_000]])
    const counted = counter.sessions.close(closeAsked('s1', 0), technician)
    await expect(counted).rejects.toEqual(errorWith('till_invalid', { path: 'counts.0.method' }))
    const z = await counter.sessions.close(closeAsked('s1', 0, { counts: [] }), technician)
    expect(z.closing?.counts).toEqual([{ method: 'card', expected: 4_000, counted: 4_000, difference: 0 }])
  })

  it('[Q30] what is right closes without a question, what differs does not', async () => {
    for (const difference of [0, 1, -1]) {
      const counter = await workedExample()
      const asked = counter.sessions.close(closeAsked('s1', 28_750 + difference), technician)
      if (difference === 0) expect(await asked).toMatchObject({ session: { state: 'closed' } })
      else {
        await expect(asked).rejects.toMatchObject({ code: 'difference_found', context: { difference } })
        expect(await ledgerOf(counter, 'session.closed')).toEqual([])
      }
    }
  })

  it.each([
    [100, 'cash', true],
    [-100, 'cash', true],
    [101, 'cash', false],
    [-101, 'cash', false],
    [100, 'card', true],
    [101, 'card', false],
    [-101, 'bank', false],
  ])('[Q31] with 1.00 authorised, %i of %s: a cashier closes: %s', async (difference, method, within) => {
    const counter = await workedExample({ register: { authorisedDifference: 100 } })
    await sell(counter, 's1', [['card', 4_000]])
    const { cashier, manager } = await staff(counter)
    const right: Record<string, number> = { cash: 28_750, card: 4_000, bank: 0 }
    const counts = [...new Set(['cash', method])].map((id) => ({
      method: id,
      counted: (right[id] ?? 0) + (id === method ? difference : 0),
    }))
    const asked = { session: 's1', counts, acceptDifference: true }
    await expect(
      counter.sessions.close({ ...asked, acceptDifference: false, login: cashier }, till()),
    ).rejects.toMatchObject({ context: { difference, right: within ? 'cashier' : 'manager' } })
    const byCashier = counter.sessions.close({ ...asked, login: cashier }, till())
    if (within) expect(await byCashier).toMatchObject({ closing: { approvedBy: null } })
    else {
      await expect(byCashier).rejects.toEqual(errorWith('right_missing', { right: 'manager' }))
      const z = await counter.sessions.close({ ...asked, login: manager }, till())
      expect(z.closing?.approvedBy).toBeNull()
    }
  })

  it('[Q31] a manager approves on the spot; one who may not is refused, and a wrong PIN too', async () => {
    const counter = await workedExample({ register: { authorisedDifference: 0 } })
    const { cashier } = await staffWithPins(counter)
    await hire(counter, 'cora', 'cashier')
    const asked = { ...closeAsked('s1', 28_000, { acceptDifference: true }), login: cashier }
    const approvedBy = (employee: string, pin = '1111') =>
      counter.sessions.close({ ...asked, approval: { employee, pin } }, till())
    await expect(approvedBy('cora')).rejects.toEqual(errorWith('right_missing', { right: 'manager' }))
    await expect(approvedBy('mia', '2222')).rejects.toEqual(errorWith('pin_wrong'))
    expect(await ledgerOf(counter, 'session.closed')).toEqual([])
    expect(await approvedBy('mia')).toMatchObject({
      session: { closedBy: 'carl' },
      closing: { approvedBy: 'mia' },
    })
  })

  it('[Q31] without the setting a cashier closes with any difference', async () => {
    const counter = await workedExample()
    const { cashier } = await staff(counter)
    const z = await counter.sessions.close(
      { ...closeAsked('s1', 0, { acceptDifference: true }), login: cashier },
      till(),
    )
    expect(z.closing?.counts[0]?.difference).toBe(-28_750)
  })

  it('[Q32] drafts block it until they are gone', async () => {
    const counter = await workedExample()
    await park(counter, 's1', 'd1')
    await park(counter, 's1', 'd2')
    await expect(counter.sessions.close(closeAsked('s1', 28_750), technician)).rejects.toEqual(
      errorWith('session_drafts', { count: 2 }),
    )
    const now = counter.clock.now()
    await counter.store.till.orders.change(
      ['d1', 'd2'].map((remove) => ({ remove, expect: { version: 1, client: 'till-1', now } })),
    )
    expect(await counter.sessions.close(closeAsked('s1', 28_750), technician)).toMatchObject({
      session: { state: 'closed' },
    })
  })

  it('[Q34] Z stays as it was, numbers have no gap, the grand total goes on', async () => {
    const counter = await workedExample()
    const z1 = await counter.sessions.close(closeAsked('s1', 28_750), technician)
    await counter.catalogue.apply([
      {
        kind: 'paymentMethod',
        thing: catalogueSchemas.paymentMethod.parse({ id: 'cash', name: 'Bar', kind: 'cash' }),
      },
    ])
    // One that is refused uses up no number.
    await open(counter, 's2', 28_750)
    await expect(open(counter, 'sX', 0)).rejects.toEqual(errorWith('session_open'))
    await sell(counter, 's2', [['cash', 1_000]])
    const z2 = await counter.sessions.close(closeAsked('s2', 29_750), technician)
    await open(counter, 't1', 0, { register: 'r2' })
    const other = await counter.sessions.close(closeAsked('t1', 0), technician)
    expect([z1, z2, other].map(({ session, grandTotal }) => [session.number, grandTotal])).toEqual([
      [1, 23_750],
      [2, 24_750],
      [1, 0],
    ])
    expect(z2.session.openingExpected).toBe(28_750)
    expect(z2.methods[0]?.name).toBe('Bar')
    const again = await counter.sessions.report({ session: 's1' }, technician)
    expect(JSON.stringify(again)).toBe(JSON.stringify(z1))
  })

  it('[Q35] asked again the same answers the same Z report; anything else is session_closed', async () => {
    const counter = await workedExample()
    const coins = { '50': 575, '1': 0 }
    const asked = closeAsked('s1', 28_750, { coins, note: 'all there' })
    const z = await counter.sessions.close(asked, technician)
    await counter.clock.advance(60_000)
    counter.published.length = 0
    expect(await counter.sessions.close(asked, technician)).toEqual(z)
    expect(await counter.sessions.close({ ...asked, coins: { '50': 575 } }, technician)).toEqual(z)
    for (const other of [
      closeAsked('s1', 28_751, { coins, note: 'all there' }),
      { ...asked, note: undefined },
      { ...asked, coins: { '50': 574, '25': 2 } },
      { ...asked, counts: [...asked.counts, { method: 'card', counted: 5 }] },
    ])
      await expect(counter.sessions.close(other, technician)).rejects.toEqual(
        errorWith('session_closed', { register: 'r1' }),
      )
    expect(counter.published).toEqual([])
    expect(await ledgerOf(counter, 'session.closed')).toHaveLength(1)
  })

  it('[Q34] closing after the clock was set back ends no session before it began', async () => {
    const dir = await testFolder()
    const counter = await openCounter({ dir })
    const { openedAt } = await open(counter, 's1', 0)
    await counter.store.close()
    const earlier = await openCounter({ dir, clock: new TestClock(Date.UTC(2020, 0, 1)) })
    const z = await earlier.sessions.close(closeAsked('s1', 0), technician)
    expect(z.session.closedAt).toBe(openedAt)
  })
})
