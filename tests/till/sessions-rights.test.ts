/** The rights of every method of people and sessions: who is let in, who is told to log in, who is told to ask. */
import { describe, expect, it } from 'vitest'
import { peopleMethods } from '../../src/protocol/methods/till/people.ts'
import { sessionMethods } from '../../src/protocol/methods/till/sessions.ts'
import type { Right } from '../../src/protocol/till/people.ts'
import type { TillCaller } from '../../src/till/parts.ts'
import { type Counter, open, openCounter, sell, staff, technician, till } from './counter-support.ts'

type Act = (counter: Counter, caller: TillCaller, login: { login?: string }) => Promise<unknown>

/** Below what a method is refused; undefined for what needs no log-in at all. */
const table: Record<string, readonly [need: Right | undefined, act: Act]> = {
  'till.session.open': [
    'cashier',
    ({ sessions }, caller, login) =>
      sessions.open({ ...login, id: 's2', register: 'r2', counted: 0 }, caller),
  ],
  'till.session.get': [undefined, ({ sessions }) => sessions.get({ register: 'r1' })],
  'till.session.list': [undefined, ({ sessions }) => sessions.list({ limit: 5 })],
  'till.session.report': [
    'cashier',
    ({ sessions }, caller, login) => sessions.report({ ...login, session: 's1' }, caller),
  ],
  'till.session.print': [
    'cashier',
    ({ sessions }, caller, login) => sessions.print({ ...login, session: 's1', job: 'x1' }, caller),
  ],
  'till.session.close': [
    'cashier',
    ({ sessions }, caller, login) =>
      sessions.close(
        { ...login, session: 's1', counts: [{ method: 'cash', counted: 600 }], acceptDifference: true },
        caller,
      ),
  ],
  'till.session.close beyond': [
    'manager',
    ({ sessions }, caller, login) =>
      sessions.close(
        { ...login, session: 's1', counts: [{ method: 'cash', counted: 99 }], acceptDifference: true },
        caller,
      ),
  ],
  'till.cash.move': [
    'cashier',
    ({ sessions }, caller, login) =>
      sessions.moveCash(
        { ...login, id: 'm1', session: 's1', amount: -100, reason: 'out', print: true },
        caller,
      ),
  ],
  'till.drawer.open': [
    'cashier',
    ({ sessions }, caller, login) =>
      sessions.openDrawer({ ...login, id: 'd1', register: 'r1', reason: 'look' }, caller),
  ],
  'till.employee.list': [undefined, ({ people }) => people.list()],
  'till.employee.put': [
    'manager',
    ({ people }, caller, login) =>
      people.put({ ...login, employee: { id: 'nia', name: 'Nia', right: 'minimal', active: true } }, caller),
  ],
  'till.employee.remove': [
    'manager',
    ({ people }, caller, login) => people.remove({ ...login, id: 'milo' }, caller),
  ],
  'till.login': [
    undefined,
    ({ people }, caller) => people.login({ register: 'r1', badge: 'B-milo' }, caller),
  ],
  'till.logout': [undefined, ({ people }, caller) => people.logout({ login: 'whatever' }, caller)],
}
const rights: readonly Right[] = ['minimal', 'cashier', 'manager']

async function shop() {
  const counter = await openCounter({ register: { authorisedDifference: 100 } })
  const logins = await staff(counter)
  await open(counter, 's1', 100)
  await sell(counter, 's1', [['cash', 500]])
  counter.published.length = 0
  return { counter, logins }
}

async function outcomeOf(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  )
}

/** What is in the books and was asked of devices. */
async function traces({ store, jobs, published }: Counter): Promise<string> {
  const people = (await store.till.people.employees()).map(({ id }) => id)
  return JSON.stringify([await store.ledger.after(0, 100), [...jobs.keys()], published, people])
}

describe('rights of methods', () => {
  it('[Q37] the table has every method of people and sessions', () => {
    const named = new Set(Object.keys(table).map((name) => name.split(' ')[0]))
    expect([...named].sort()).toEqual([...Object.keys(sessionMethods), ...Object.keys(peopleMethods)].sort())
  })

  const cases = Object.entries(table).flatMap(([name, [need, act]]) =>
    rights.map((has) => [name, has, need, act] as const),
  )
  it.each(cases)('[Q37] %s by %s', async (_, has, need, act) => {
    const { counter, logins } = await shop()
    const before = await traces(counter)
    const outcome = await outcomeOf(act(counter, till(), { login: logins[has] }))
    const enough = need === undefined || rights.indexOf(has) >= rights.indexOf(need)
    expect(outcome).toBe(enough ? 'done' : 'right_missing')
    // What is refused has left nothing behind.
    if (!enough) expect(await traces(counter)).toBe(before)
  })

  const strangers = Object.entries(table).map(([name, [need, act]]) => [name, need, act] as const)
  it.each(strangers)(
    '[Q37] %s without a log-in, with a stranger’s, and by a technician',
    async (_, need, act) => {
      const { counter, logins } = await shop()
      const before = await traces(counter)
      const expected = need === undefined ? 'done' : 'login_required'
      expect(await outcomeOf(act(counter, till(), {}))).toBe(expected)
      expect(await outcomeOf(act(counter, till('till-2'), { login: logins.manager }))).toBe(expected)
      if (need !== undefined) expect(await traces(counter)).toBe(before)
      expect(await outcomeOf(act(counter, technician, {}))).toBe('done')
    },
  )

  it('[Q37] one who only sells may close with the approval of a cashier, and beyond with that of a manager', async () => {
    const { counter, logins } = await shop()
    const ask = (cash: number, employee: string) =>
      counter.sessions.close(
        {
          login: logins.minimal,
          session: 's1',
          counts: [{ method: 'cash', counted: cash }],
          acceptDifference: true,
          approval: { badge: `B-${employee}` },
        },
        till(),
      )
    expect(await outcomeOf(ask(99, 'carl'))).toBe('right_missing')
    expect(await outcomeOf(ask(600, 'milo'))).toBe('right_missing')
    expect(await ask(600, 'carl')).toMatchObject({
      session: { closedBy: 'milo' },
      closing: { approvedBy: 'carl' },
    })
    const other = await shop()
    const z = await other.counter.sessions.close(
      {
        login: other.logins.minimal,
        session: 's1',
        counts: [{ method: 'cash', counted: 99 }],
        acceptDifference: true,
        approval: { badge: 'B-mia' },
      },
      till(),
    )
    expect(z.closing?.approvedBy).toBe('mia')
  })
})
