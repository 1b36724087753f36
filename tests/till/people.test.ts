/** Employees and their log-ins: who gets in, who stays in, and what is kept of their secrets. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { storeLimits } from '../../src/store/store.ts'
import { testFolder } from '../store/support/folder.ts'
import { errorWith, hire, logIn, openCounter, staffWithPins, technician, till } from './counter-support.ts'

describe('secrets', () => {
  it('[Q1] neither PIN nor badge nor log-in is in the books, an answer or an event', async () => {
    const dir = await testFolder()
    const counter = await openCounter({ dir })
    const answer = await hire(counter, 'mia', 'manager', { pin: '48151623', badge: 'BADGE-4242424242' })
    expect(answer).toEqual({
      id: 'mia',
      name: 'Mia',
      right: 'manager',
      active: true,
      hasPin: true,
      hasBadge: true,
    })
    const login = await logIn(counter, 'mia', till(), '48151623')
    const listed = JSON.stringify([await counter.people.list(), counter.published])
    const entries = JSON.stringify(await counter.store.ledger.after(0, 100))
    await counter.store.close()
    const onDisk = (await readFile(`${dir}/books.db`)).toString('latin1')
    expect(onDisk).toContain('$scrypt$ln=14,r=8,p=1$')
    for (const secret of ['48151623', 'BADGE-4242424242', login]) {
      expect(onDisk).not.toContain(secret)
      expect(listed + entries).not.toContain(secret)
    }
  })

  it('[Q1] the same PIN of two people has two hashes; the same badge on two boxes has two', async () => {
    const [one, two] = [await openCounter(), await openCounter()]
    await hire(one, 'mia', 'manager', { pin: '1111', badge: 'B1' })
    await hire(one, 'max', 'manager', { pin: '1111' })
    await hire(two, 'mia', 'manager', { pin: '1111', badge: 'B1' })
    const rows = await one.store.till.people.employees()
    const [other] = await two.store.till.people.employees()
    expect(new Set([...rows, other].map((row) => row?.pin)).size).toBe(3)
    expect(rows.find(({ id }) => id === 'mia')?.badge).toMatch(/^[0-9a-f]{64}$/)
    expect(rows.find(({ id }) => id === 'mia')?.badge).not.toBe(other?.badge)
  })
})

describe('logging in', () => {
  it('[Q2] by name and PIN, by badge, and by badge with the PIN where one is set', async () => {
    const counter = await openCounter()
    await hire(counter, 'mia', 'manager', { pin: '1111', badge: 'B-MIA' })
    await hire(counter, 'carl', 'cashier', { badge: 'B-CARL' })
    const { people } = counter
    const byPin = await people.login({ register: 'r1', employee: 'mia', pin: '1111' }, till())
    expect(byPin).toMatchObject({ employee: { id: 'mia', right: 'manager' }, register: 'r1' })
    expect(byPin.login.length).toBeLessThanOrEqual(64)
    const byBadge = await people.login({ register: 'r1', badge: 'B-CARL' }, till())
    expect(byBadge.employee.id).toBe('carl')
    await expect(people.login({ register: 'r1', badge: 'B-MIA' }, till())).rejects.toEqual(
      errorWith('till_invalid', { path: 'pin', employee: 'mia' }),
    )
    const both = await people.login({ register: 'r1', badge: 'B-MIA', pin: '1111' }, till())
    expect(both.employee.id).toBe('mia')
    await expect(people.login({ register: 'r1', badge: 'B-MIA', pin: '9999' }, till())).rejects.toEqual(
      errorWith('pin_wrong'),
    )
  })

  it.each([
    ['nothing at all', {}, 'till_invalid', { path: 'employee' }],
    ['a PIN without a name', { pin: '1111' }, 'till_invalid', { path: 'employee' }],
    ['a name without its PIN', { employee: 'mia' }, 'till_invalid', { path: 'pin', employee: 'mia' }],
    ['a name that has a badge only', { employee: 'carl', pin: '1111' }, 'till_invalid', { path: 'badge' }],
    ['a wrong PIN', { employee: 'mia', pin: '1112' }, 'pin_wrong', {}],
    ['a name nobody has', { employee: 'nobody', pin: '1111' }, 'pin_wrong', {}],
    ['somebody inactive', { employee: 'gone', pin: '1111' }, 'pin_wrong', {}],
    ['the badge of somebody inactive', { badge: 'B-GONE', pin: '1111' }, 'pin_wrong', {}],
    ['an unknown badge', { badge: 'B-NOBODY' }, 'pin_wrong', {}],
    ["a name with another one's badge", { employee: 'mia', badge: 'B-CARL' }, 'pin_wrong', {}],
  ])('[Q2] %s is refused', async (_, proof, expected, context) => {
    const counter = await openCounter()
    await hire(counter, 'mia', 'manager')
    await hire(counter, 'carl', 'cashier', { badge: 'B-CARL' })
    await hire(counter, 'gone', 'cashier', { pin: '1111', badge: 'B-GONE', active: false })
    await expect(counter.people.login({ register: 'r1', ...proof }, till())).rejects.toEqual(
      errorWith(expected, context),
    )
    expect(await counter.store.till.people.logins()).toEqual([])
  })

  it('[Q2] a register that is not there is told', async () => {
    const counter = await openCounter()
    await hire(counter, 'mia', 'manager')
    await expect(
      counter.people.login({ register: 'r9', employee: 'mia', pin: '1111' }, till()),
    ).rejects.toEqual(errorWith('till_unknown', { id: 'r9' }))
  })

  it('[Q3] a log-in works for the client that made it, and for no other', async () => {
    const counter = await openCounter()
    const { cashier } = await staffWithPins(counter)
    const { people } = counter
    expect(await people.authorise(till(), cashier, 'cashier', 'sell')).toEqual({
      id: 'carl',
      name: 'Carl',
      right: 'cashier',
    })
    await expect(people.authorise(till('till-2'), cashier, 'minimal', 'sell')).rejects.toEqual(
      errorWith('login_required'),
    )
    await expect(people.authorise(technician, cashier, 'minimal', 'sell')).rejects.toEqual(
      errorWith('login_required'),
    )
    await expect(people.authorise(till(), 'made-up', 'minimal', 'sell')).rejects.toEqual(
      errorWith('login_required'),
    )
    await expect(people.authorise(till(), undefined, 'minimal', 'sell')).rejects.toEqual(
      errorWith('login_required'),
    )
    // Another client cannot end it either, and is not told whether there is one.
    expect(await people.logout({ login: cashier }, till('till-2'))).toEqual({})
    expect(await people.authorise(till(), cashier, 'cashier', 'sell')).toMatchObject({ id: 'carl' })
  })

  it('[Q4] log-ins survive a restart', async () => {
    const dir = await testFolder()
    const before = await openCounter({ dir })
    const { cashier } = await staffWithPins(before)
    await before.store.close()
    const after = await openCounter({ dir, clock: before.clock })
    expect(await after.people.authorise(till(), cashier, 'cashier', 'sell')).toMatchObject({ id: 'carl' })
    await expect(after.people.authorise(till('till-2'), cashier, 'minimal', 'sell')).rejects.toEqual(
      errorWith('login_required'),
    )
    await after.people.logout({ login: cashier }, till())
    await after.store.close()
    const last = await openCounter({ dir, clock: before.clock })
    await expect(last.people.authorise(till(), cashier, 'minimal', 'sell')).rejects.toEqual(
      errorWith('login_required'),
    )
  })

  const changes: [string, object, boolean][] = [
    ['inactivity', { active: false }, true],
    ['another PIN', { pin: '2222' }, true],
    ['no PIN any more', { pin: null }, true],
    ['another badge', { badge: 'B-NEW' }, true],
    ['another right', { right: 'minimal' }, true],
    ['another name', { name: 'Charles' }, false],
    ['the same PIN', { pin: '1111' }, false],
    ['nothing', {}, false],
  ]
  it.each(changes)('[Q4] a log-in and %s', async (_, change, ends) => {
    const dir = await testFolder()
    const counter = await openCounter({ dir })
    const { cashier } = await staffWithPins(counter)
    const employee = { id: 'carl', name: 'Carl', right: 'cashier' as const, active: true, ...change }
    await counter.people.put({ employee }, technician)
    const check = (people: typeof counter.people) => people.authorise(till(), cashier, 'minimal', 'sell')
    const restarted = async () => {
      await counter.store.close()
      return openCounter({ dir, clock: counter.clock })
    }
    if (ends) {
      await expect(check(counter.people)).rejects.toEqual(errorWith('login_required'))
      await expect(check((await restarted()).people)).rejects.toEqual(errorWith('login_required'))
    } else {
      expect(await check(counter.people)).toMatchObject({ id: 'carl' })
      expect(await check((await restarted()).people)).toMatchObject({ id: 'carl' })
    }
  })

  it('[Q4] a log-in ends with its employee and with its client', async () => {
    const counter = await openCounter()
    const { cashier, minimal, manager } = await staffWithPins(counter)
    const elsewhere = await logIn(counter, 'mia', till('till-2'))
    await counter.people.remove({ id: 'carl' }, technician)
    await expect(counter.people.authorise(till(), cashier, 'minimal', 'x')).rejects.toEqual(
      errorWith('login_required'),
    )
    await counter.people.clientGone('till-1')
    for (const login of [minimal, manager])
      await expect(counter.people.authorise(till(), login, 'minimal', 'x')).rejects.toEqual(
        errorWith('login_required'),
      )
    expect(await counter.people.authorise(till('till-2'), elsewhere, 'manager', 'x')).toMatchObject({
      id: 'mia',
    })
    expect((await counter.store.till.people.logins()).map(({ client }) => client)).toEqual(['till-2'])
  })

  it('[Q4] of one employee the newest log-ins are kept, up to the limit', async () => {
    const counter = await openCounter()
    await hire(counter, 'mia', 'manager', { badge: 'B-MIA' })
    const logins: string[] = []
    for (let count = 0; count <= storeLimits.loginsMax; count++) {
      await counter.clock.advance(1_000)
      logins.push((await counter.people.login({ register: 'r1', badge: 'B-MIA' }, till())).login)
    }
    const [oldest = '', second = ''] = logins
    await expect(counter.people.authorise(till(), oldest, 'minimal', 'x')).rejects.toEqual(
      errorWith('login_required'),
    )
    expect(await counter.people.authorise(till(), second, 'minimal', 'x')).toMatchObject({ id: 'mia' })
    expect(await counter.store.till.people.logins()).toHaveLength(storeLimits.loginsMax)
  })

  it('[Q15] a badge that is changed while somebody logs in with the old one lets them not in', async () => {
    const counter = await openCounter()
    await hire(counter, 'mia', 'manager', { badge: 'B-MIA' })
    const outcomes = new Set<string>()
    const turns = async (count: number) => {
      for (let turn = 0; turn < count; turn++) await Promise.resolve()
    }
    // Wherever the two meet: the log-in begins so many turns of the promises after the change, or before it.
    for (let offset = -10; offset < 30; offset++) {
      const employee = { id: 'carl', name: 'Carl', right: 'cashier' as const, active: true }
      await counter.people.put({ employee: { ...employee, badge: `OLD-${offset}` } }, technician)
      const change = async () => {
        await turns(-offset)
        return counter.people.put({ employee: { ...employee, badge: `NEW-${offset}` } }, technician)
      }
      const enter = async () => {
        await turns(offset)
        return counter.people.login({ register: 'r1', badge: `OLD-${offset}` }, till(`till-${offset}`))
      }
      const [, entered] = await Promise.allSettled([change(), enter()])
      outcomes.add(entered.status)
      if (entered.status === 'fulfilled')
        await expect(
          counter.people.authorise(till(`till-${offset}`), entered.value.login, 'minimal', 'x'),
        ).rejects.toEqual(errorWith('login_required'))
      else expect(entered.reason).toEqual(errorWith('pin_wrong'))
      expect(await counter.store.till.people.logins()).toEqual([])
    }
    expect(outcomes).toEqual(new Set(['fulfilled', 'rejected']))
  })
})
