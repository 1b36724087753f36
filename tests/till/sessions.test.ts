/** Sessions: opening, going on, cash in and out, the drawer, lists and papers. */
import { describe, expect, it } from 'vitest'
import { jobIdSchema } from '../../src/protocol/job.ts'
import { tillLimits } from '../../src/protocol/till/amounts.ts'
import { catalogueSchemas } from '../../src/protocol/till/catalogue.ts'
import { coinsSchema, sessionSchema } from '../../src/protocol/till/session.ts'
import { sessionLimits } from '../../src/till/sessions/sessions.ts'
import { testFolder } from '../store/support/folder.ts'
import {
  closeAsked,
  errorWith,
  ledgerOf,
  open,
  openCounter,
  sell,
  staff,
  technician,
  till,
  workedExample,
} from './counter-support.ts'

describe('opening', () => {
  it('[Q20] with counted cash and a note; the session is announced and numbered', async () => {
    const counter = await openCounter()
    const { cashier } = await staff(counter)
    counter.published.length = 0
    const session = await counter.sessions.open(
      { login: cashier, id: 's1', register: 'r1', counted: 10_000, note: 'float from the safe' },
      till(),
    )
    expect(session).toEqual({
      id: 's1',
      register: 'r1',
      number: 1,
      state: 'open',
      openedAt: '2026-11-23T08:00:00.000Z',
      openedBy: 'carl',
      openingExpected: 0,
      openingCounted: 10_000,
      openingNote: 'float from the safe',
      closedAt: null,
      closedBy: null,
    })
    expect(sessionSchema.parse(session)).toEqual(session)
    expect(counter.published).toEqual([{ topic: 'till.session.changed', data: session }])
    expect(await ledgerOf(counter, 'session.opened')).toEqual([session])
  })

  it('[Q20] coins must come to what was counted', async () => {
    const counter = await openCounter()
    const coins = { '5000': 1, '2000': 2, '50': 20 }
    await expect(open(counter, 's1', 9_999, { coins })).rejects.toEqual(
      errorWith('till_invalid', { path: 'coins' }),
    )
    expect(await open(counter, 's1', 10_000, { coins })).toMatchObject({ openingCounted: 10_000 })
  })

  it('[Q20] no currency has more than 50 coins and notes', () => {
    const coins = (kinds: number) =>
      Object.fromEntries(Array.from({ length: kinds }, (_, index) => [`${index + 1}`, 1]))
    expect(coinsSchema.safeParse(coins(tillLimits.coinsMax)).success).toBe(true)
    expect(coinsSchema.safeParse(coins(tillLimits.coinsMax + 1)).success).toBe(false)
  })

  it('[Q20] not twice, and not on a register that is unknown or out of use', async () => {
    const counter = await openCounter()
    await open(counter, 's1', 0)
    await expect(open(counter, 's2', 0)).rejects.toEqual(errorWith('session_open', { register: 'r1' }))
    await expect(open(counter, 's3', 0, { register: 'r9' })).rejects.toEqual(
      errorWith('till_unknown', { id: 'r9' }),
    )
    await counter.catalogue.apply([
      {
        kind: 'register',
        thing: catalogueSchemas.register.parse({ id: 'r2', name: 'r2', number: 2, active: false }),
      },
    ])
    await expect(open(counter, 's4', 0, { register: 'r2' })).rejects.toEqual(
      errorWith('till_invalid', { path: 'register' }),
    )
  })

  it('[Q20] of two tills that open at once one opens', async () => {
    const counter = await openCounter()
    const outcomes = await Promise.allSettled([open(counter, 's1', 0), open(counter, 's2', 0)])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it('[Q21] asked again it answers the same session: at once, after a restart, after its closing', async () => {
    const dir = await testFolder()
    const counter = await openCounter({ dir })
    const first = await open(counter, 's1', 10_000, { note: 'a', coins: { '5000': 2 } })
    await counter.clock.advance(60_000)
    counter.published.length = 0
    expect(await open(counter, 's1', 10_000, { note: 'a', coins: { '5000': 2 } })).toEqual(first)
    expect(counter.published).toEqual([])
    for (const other of [
      { counted: 10_001, coins: { '10001': 1 } },
      { note: 'b' },
      { register: 'r2' },
      { coins: { '10000': 1 } },
    ])
      await expect(
        open(counter, 's1', 10_000, { note: 'a', coins: { '5000': 2 }, ...other }),
      ).rejects.toEqual(errorWith('till_conflict', { kind: 'session', id: 's1' }))
    await counter.store.close()
    const after = await openCounter({ dir, clock: counter.clock })
    expect(await open(after, 's1', 10_000, { note: 'a', coins: { '5000': 2 } })).toEqual(first)
    await after.sessions.close(closeAsked('s1', 10_000), technician)
    expect(await open(after, 's1', 10_000, { note: 'a', coins: { '5000': 2 } })).toMatchObject({
      id: 's1',
      state: 'closed',
    })
    expect(await ledgerOf(after, 'session.opened')).toHaveLength(1)
  })

  it('[Q22] expects what was counted before, and keeps the difference as its own figure', async () => {
    const counter = await openCounter()
    await open(counter, 's1', 10_000)
    await counter.sessions.close(closeAsked('s1', 9_500, { acceptDifference: true }), technician)
    expect(await counter.sessions.get({ register: 'r1' })).toEqual({ session: null, openingExpected: 9_500 })
    const session = await open(counter, 's2', 9_400)
    expect(session).toMatchObject({ number: 2, openingExpected: 9_500, openingCounted: 9_400 })
    const x = await counter.sessions.report({ session: 's2' }, technician)
    expect(x.session.openingCounted - x.session.openingExpected).toBe(-100)
    expect(x.cashExpected).toBe(9_400)
    const [, opened] = await ledgerOf(counter, 'session.opened')
    expect(opened).toMatchObject({ openingExpected: 9_500, openingCounted: 9_400 })
  })

  it('[Q23] every client finds the session and goes on with it', async () => {
    const counter = await openCounter()
    const session = await open(counter, 's1', 0)
    expect((await counter.sessions.get({ register: 'r1' })).session).toEqual(session)
    expect(await counter.sessions.selling(counter.catalogue.must('register', 'r1'))).toEqual(session)
    expect((await counter.sessions.get({ register: 'r2' })).session).toBeNull()
    await expect(counter.sessions.selling(counter.catalogue.must('register', 'r2'))).rejects.toEqual(
      errorWith('session_closed', { register: 'r2' }),
    )
    await expect(counter.sessions.get({ register: 'r9' })).rejects.toEqual(errorWith('till_unknown'))
    expect(await counter.sessions.close(closeAsked('s1', 0), till('till-9'))).toMatchObject({
      session: { state: 'closed', closedBy: 'till-9' },
    })
  })

  it('[Q36] a session that is too old may be closed, not sold in', async () => {
    const counter = await openCounter({ register: { sessionHoursMax: 24 } })
    const register = counter.catalogue.must('register', 'r1')
    await open(counter, 's1', 0)
    await counter.clock.advance(24 * 3_600_000)
    expect(await counter.sessions.selling(register)).toMatchObject({ id: 's1' })
    await counter.clock.advance(1)
    await expect(counter.sessions.selling(register)).rejects.toEqual(
      errorWith('session_stale', { hours: 24 }),
    )
    await counter.sessions.close(closeAsked('s1', 0), technician)
    await open(counter, 's2', 0)
    expect(await counter.sessions.selling(register)).toMatchObject({ id: 's2' })
  })
})

describe('cash', () => {
  it('[Q24] [Q38] goes in and out with a reason, once for each id', async () => {
    const counter = await openCounter()
    const { cashier } = await staff(counter)
    await open(counter, 's1', 10_000)
    counter.published.length = 0
    const ask = {
      login: cashier,
      id: 'm1',
      session: 's1',
      amount: -5_000,
      reason: 'to the bank',
      print: true,
    }
    const move = await counter.sessions.moveCash(ask, till())
    expect(move).toEqual({
      id: 'm1',
      session: 's1',
      amount: -5_000,
      reason: 'to the bank',
      at: '2026-11-23T08:00:00.000Z',
      by: 'carl',
    })
    await counter.clock.advance(5_000)
    expect(await counter.sessions.moveCash(ask, till())).toEqual(move)
    expect(counter.published).toEqual([{ topic: 'till.cash.moved', data: move }])
    expect(await ledgerOf(counter, 'cash')).toEqual([move])
    for (const other of [{ amount: 5_000 }, { reason: 'else' }])
      await expect(counter.sessions.moveCash({ ...ask, ...other }, till())).rejects.toEqual(
        errorWith('till_conflict', { id: 'm1' }),
      )
    await counter.sessions.moveCash({ ...ask, id: 'm2', amount: 1_250, reason: 'change' }, till())
    const x = await counter.sessions.report({ session: 's1' }, technician)
    expect(x.cashExpected).toBe(10_000 - 5_000 + 1_250)
    expect(x.cashMoves.map(({ id }) => id)).toEqual(['m1', 'm2'])
    await counter.sessions.close(closeAsked('s1', 6_250), technician)
    await expect(counter.sessions.moveCash({ ...ask, id: 'm3' }, till())).rejects.toEqual(
      errorWith('session_closed', { register: 'r1' }),
    )
    // The answer to one that was made before may have been lost.
    expect(await counter.sessions.moveCash(ask, till())).toEqual(move)
    await expect(counter.sessions.moveCash({ ...ask, session: 's9' }, till())).rejects.toEqual(
      errorWith('till_unknown', { kind: 'session', id: 's9' }),
    )
  })

  it('[Q25] opens the drawer and prints a slip, each once', async () => {
    const counter = await openCounter()
    await open(counter, 's1', 0)
    const ask = { id: 'm1', session: 's1', amount: 500, reason: 'change', print: true }
    await counter.sessions.moveCash(ask, technician)
    await counter.sessions.moveCash(ask, technician)
    await counter.sessions.moveCash({ ...ask, id: 'm2', print: false }, technician)
    await counter.clock.advance(0)
    expect([...counter.jobs].map(([id, { device, kind }]) => [id, kind, device])).toEqual([
      ['cash-drawer.m1', 'drawer', 'drawer-1'],
      ['cash.m1', 'print', 'printer-1'],
      ['cash-drawer.m2', 'drawer', 'drawer-1'],
    ])
    expect(counter.jobs.get('cash.m1')?.receipt).toContain('change')
  })

  it('[Q25] the longest id gives jobs whose ids are short enough, and each its own', async () => {
    const counter = await openCounter()
    await open(counter, 's1', 0)
    for (const end of ['x', 'y']) {
      const id = `${'m'.repeat(63)}${end}`
      await counter.sessions.moveCash(
        { id, session: 's1', amount: 1, reason: 'change', print: true },
        technician,
      )
      await counter.sessions.openDrawer({ id, register: 'r1', reason: 'look' }, technician)
    }
    await counter.clock.advance(0)
    expect(counter.jobs.size).toBe(6)
    for (const id of counter.jobs.keys()) expect(jobIdSchema.parse(id)).toBe(id)
  })

  it('[Q25] a drawer that cannot be opened takes no cash move back', async () => {
    const counter = await openCounter({ register: { drawer: 'broken' } })
    await open(counter, 's1', 0)
    const ask = { id: 'm1', session: 's1', amount: 500, reason: 'change', print: false }
    expect(await counter.sessions.moveCash(ask, technician)).toMatchObject({ id: 'm1' })
    await counter.clock.advance(0)
    expect(counter.warnings).toEqual(['the drawer did not open for a cash move'])
    expect((await counter.sessions.report({ session: 's1' }, technician)).cashExpected).toBe(500)
  })

  it('[Q26] [Q38] the drawer opens without a sale for a reason that is kept', async () => {
    const counter = await openCounter()
    const { cashier } = await staff(counter)
    const ask = { login: cashier, id: 'd1', register: 'r1', reason: 'change for the bus' }
    expect(await counter.sessions.openDrawer(ask, till())).toEqual({})
    expect(await counter.sessions.openDrawer(ask, till())).toEqual({})
    expect([...counter.jobs]).toEqual([['drawer.d1', { device: 'drawer-1', kind: 'drawer' }]])
    await open(counter, 's1', 0)
    await counter.sessions.openDrawer({ ...ask, id: 'd2' }, till())
    const body = { register: 'r1', reason: 'change for the bus', by: 'carl' }
    expect(await ledgerOf(counter, 'drawer.opened')).toEqual([
      { id: 'd1', session: null, ...body },
      { id: 'd2', session: 's1', ...body },
    ])
    for (const other of [{ reason: 'else' }, { register: 'r2' }])
      await expect(counter.sessions.openDrawer({ ...ask, ...other }, till())).rejects.toEqual(
        errorWith('till_conflict', { id: 'd1' }),
      )
    expect(counter.jobs.size).toBe(2)
  })

  it('[Q26] [Q25] asked again when its job is long forgotten, the drawer stays shut and nothing is printed', async () => {
    const counter = await openCounter()
    await open(counter, 's1', 0)
    const drawer = { id: 'd1', register: 'r1', reason: 'change for the bus' }
    const move = { id: 'm1', session: 's1', amount: 500, reason: 'change', print: true }
    const ask = async () => {
      counter.jobs.clear()
      await counter.sessions.openDrawer(drawer, technician)
      await counter.sessions.moveCash(move, technician)
      await counter.clock.advance(0)
      return [...counter.jobs.keys()].sort()
    }
    const all = ['cash-drawer.m1', 'cash.m1', 'drawer.d1']
    expect(await ask()).toEqual(all)
    await counter.clock.advance(sessionLimits.againMs)
    expect(await ask()).toEqual(all)
    await counter.clock.advance(1)
    expect(await ask()).toEqual([])
    expect(await ledgerOf(counter, 'drawer.opened')).toHaveLength(1)
  })

  it('[Q26] the reason is kept even when the drawer does not open; a register without one is refused', async () => {
    const broken = await openCounter({ register: { drawer: 'broken' } })
    await expect(
      broken.sessions.openDrawer({ id: 'd1', register: 'r1', reason: 'look' }, technician),
    ).rejects.toEqual(errorWith('device_unknown'))
    expect(await ledgerOf(broken, 'drawer.opened')).toHaveLength(1)
    const none = await openCounter({ register: { drawer: undefined } })
    await expect(
      none.sessions.openDrawer({ id: 'd1', register: 'r1', reason: 'look' }, technician),
    ).rejects.toEqual(errorWith('till_invalid', { path: 'register' }))
    expect(await ledgerOf(none, 'drawer.opened')).toEqual([])
  })
})

describe('lists and papers', () => {
  it('[Q39] newest first, by page, of all or one register', async () => {
    const counter = await openCounter()
    for (let index = 1; index <= 5; index++) {
      await counter.clock.advance(1_000)
      const register = index % 2 === 0 ? 'r2' : 'r1'
      await open(counter, `s${index}`, 0, { register })
      await counter.sessions.close(closeAsked(`s${index}`, 0), technician)
    }
    const ids = ({ sessions }: { sessions: { id: string }[] }) => sessions.map(({ id }) => id)
    const first = await counter.sessions.list({ limit: 2 })
    expect(ids(first)).toEqual(['s5', 's4'])
    const second = await counter.sessions.list({ limit: 2, before: first.next })
    expect(ids(second)).toEqual(['s3', 's2'])
    const last = await counter.sessions.list({ limit: 2, before: second.next })
    expect(ids(last)).toEqual(['s1'])
    expect(last.next).toBeUndefined()
    expect(ids(await counter.sessions.list({ register: 'r2', limit: 9 }))).toEqual(['s4', 's2'])
  })

  it('[Q40] X and Z are printed on the printer of the register, under the job that was named', async () => {
    const counter = await workedExample()
    expect(await counter.sessions.print({ session: 's1', job: 'x1' }, technician)).toEqual({ job: 'x1' })
    await counter.sessions.close(closeAsked('s1', 28_750), technician)
    await counter.sessions.print({ session: 's1', job: 'z1' }, technician)
    expect([...counter.jobs.keys()].filter((id) => /^[xz]/.test(id))).toEqual(['x1', 'z1'])
    expect(counter.jobs.get('z1')).toMatchObject({ device: 'printer-1', kind: 'print' })
    expect(counter.jobs.get('z1')?.receipt).toMatch(/287\.50/)
    for (const [printer, code] of [
      [undefined, 'till_invalid'],
      ['gone', 'device_unknown'],
    ] as const) {
      const none = await openCounter({ register: { printer } })
      await open(none, 's1', 0)
      await expect(none.sessions.print({ session: 's1', job: 'x1' }, technician)).rejects.toEqual(
        errorWith(code, { path: 'session' }),
      )
    }
  })
})

describe('restarts', () => {
  it('[Q23] [Q4] the session and its log-ins go on after a restart, to the cent', async () => {
    const dir = await testFolder()
    const counter = await workedExample({ dir })
    const { cashier } = await staff(counter)
    const x = await counter.sessions.report({ login: cashier, session: 's1' }, till())
    await counter.store.close()
    const after = await openCounter({ dir, clock: counter.clock })
    expect(await after.sessions.report({ login: cashier, session: 's1' }, till())).toEqual(x)
    await sell(after, 's1', [['cash', 100]])
    const asked = { ...closeAsked('s1', 28_850), login: cashier }
    expect(await after.sessions.close(asked, till())).toMatchObject({ cashExpected: 28_850 })
  })
})
