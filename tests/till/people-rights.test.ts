/** Rights: who acts with which, and who may change who is employed. */
import { describe, expect, it } from 'vitest'
import type { Right } from '../../src/protocol/till/people.ts'
import { peopleLimits } from '../../src/till/people/people.ts'
import { testFolder } from '../store/support/folder.ts'
import { errorWith, hire, openCounter, staff, technician, till } from './counter-support.ts'

const rights: readonly Right[] = ['minimal', 'cashier', 'manager']
describe('rights', () => {
  it.each(rights.flatMap((has) => rights.map((need) => [has, need] as const)))(
    '[Q9] %s against a need of %s',
    async (has, need) => {
      const counter = await openCounter()
      const logins = await staff(counter)
      const { people } = counter
      const enough = rights.indexOf(has) >= rights.indexOf(need)
      const asked = people.authorise(till(), logins[has], need, 'do it')
      if (enough) expect(await asked).toMatchObject({ right: has })
      else await expect(asked).rejects.toEqual(errorWith('right_missing', { right: need, act: 'do it' }))
      const allowed = people.allow(
        till(),
        { login: logins[has], approval: { badge: 'B-mia' } },
        need,
        'do it',
      )
      expect(await allowed).toMatchObject({
        actor: { right: has },
        approvedBy: enough ? null : { id: 'mia', right: 'manager' },
      })
    },
  )

  it('[Q9] technicians and owners act as managers, monitors as minimal, with a log-in as its employee', async () => {
    const counter = await openCounter()
    await staff(counter)
    const { people } = counter
    for (const role of ['technician', 'owner'] as const) {
      const caller = till(`${role}-1`, role)
      const actor = { id: `${role}-1`, name: `${role}-1`, right: 'manager' }
      expect(await people.authorise(caller, undefined, 'manager', 'x')).toEqual(actor)
      const { login } = await people.login({ register: 'r1', badge: 'B-carl' }, caller)
      await expect(people.authorise(caller, login, 'manager', 'x')).rejects.toEqual(
        errorWith('right_missing'),
      )
    }
    const monitor = till('screen', 'monitor')
    expect(await people.authorise(monitor, undefined, 'minimal', 'x')).toMatchObject({ right: 'minimal' })
    await expect(people.authorise(monitor, undefined, 'cashier', 'x')).rejects.toEqual(
      errorWith('right_missing'),
    )
  })

  it.each(['cashier', 'manager'] as const)('[Q10] without employees a till acts as %s', async (right) => {
    const counter = await openCounter({ shop: { withoutEmployees: right } })
    const { people } = counter
    expect(people.hasEmployees).toBe(false)
    expect(await people.authorise(till(), undefined, 'cashier', 'x')).toEqual({
      id: 'till-1',
      name: 'till-1',
      right,
    })
    expect(await people.authorise(till('screen', 'monitor'), undefined, 'minimal', 'x')).toMatchObject({
      right: 'minimal',
    })
    await hire(counter, 'mia', 'manager')
    expect(people.hasEmployees).toBe(true)
    await expect(people.authorise(till(), undefined, 'minimal', 'x')).rejects.toEqual(
      errorWith('login_required'),
    )
  })
})

describe('employees', () => {
  const carl = { id: 'carl', name: 'Carl', right: 'cashier' as const, active: true, pin: '2222' }

  it('[Q11] only managers change them', async () => {
    const counter = await openCounter()
    const logins = await staff(counter)
    const { people } = counter
    for (const right of ['minimal', 'cashier'] as const) {
      const login = logins[right]
      await expect(people.put({ login, employee: carl }, till())).rejects.toEqual(errorWith('right_missing'))
      await expect(people.remove({ login, id: 'milo' }, till())).rejects.toEqual(errorWith('right_missing'))
    }
    await expect(people.put({ employee: carl }, till())).rejects.toEqual(errorWith('login_required'))
    await expect(people.remove({ id: 'milo' }, till())).rejects.toEqual(errorWith('login_required'))
    expect(await people.put({ login: logins.manager, employee: carl }, till())).toMatchObject({ id: 'carl' })
    expect(await people.remove({ login: logins.manager, id: 'milo' }, till())).toEqual({})
    expect((await people.list()).employees.map(({ id }) => id)).toEqual(['carl', 'mia'])
  })

  it('[Q11] the first one is made by a technician, or by whoever is a manager without employees', async () => {
    const strict = await openCounter({ shop: { withoutEmployees: 'cashier' } })
    const mia = { id: 'mia', name: 'Mia', right: 'manager' as const, active: true, pin: '1111' }
    await expect(strict.people.put({ employee: mia }, till())).rejects.toEqual(errorWith('right_missing'))
    expect(await strict.people.put({ employee: mia }, technician)).toMatchObject({ id: 'mia' })
    const open = await openCounter({ shop: { withoutEmployees: 'manager' } })
    expect(await open.people.put({ employee: mia }, till())).toMatchObject({ id: 'mia' })
  })

  it.each([
    ['a cashier', { right: 'cashier' as const }],
    ['inactive', { active: false }],
    ['without PIN and badge', { pin: null }],
  ])('[Q11] the first one is not %s', async (_, change) => {
    const counter = await openCounter()
    const mia = { id: 'mia', name: 'Mia', right: 'manager' as const, active: true, pin: '1111' }
    await expect(counter.people.put({ employee: { ...mia, ...change } }, technician)).rejects.toEqual(
      errorWith('till_invalid', { path: 'employee' }),
    )
    expect(counter.people.hasEmployees).toBe(false)
    await counter.people.put(
      { employee: { ...mia, ...change, right: 'manager', active: true, badge: 'B' } },
      technician,
    )
    const last = { ...mia, pin: null, badge: null, ...change }
    await expect(counter.people.put({ employee: last }, technician)).rejects.toEqual(
      errorWith('till_invalid', { path: 'employee' }),
    )
    // With another who can, it may be.
    await hire(counter, 'max', 'manager', { badge: 'B-MAX' })
    expect(await counter.people.put({ employee: last }, technician)).toMatchObject({ id: 'mia' })
  })

  it('[Q11] the last manager stays while others are there; the very last employee may go', async () => {
    const counter = await openCounter()
    await staff(counter)
    const { people } = counter
    await expect(people.remove({ id: 'mia' }, technician)).rejects.toEqual(
      errorWith('till_in_use', { id: 'mia' }),
    )
    await people.remove({ id: 'carl' }, technician)
    await people.remove({ id: 'milo' }, technician)
    expect(await people.remove({ id: 'mia' }, technician)).toEqual({})
    expect(people.hasEmployees).toBe(false)
    expect(await people.authorise(till(), undefined, 'cashier', 'x')).toMatchObject({ id: 'till-1' })
  })

  it('[Q11] of two last managers who are made cashiers at once, one stays', async () => {
    const counter = await openCounter()
    await hire(counter, 'mia', 'manager')
    await hire(counter, 'max', 'manager')
    const demote = (id: string) =>
      counter.people.put({ employee: { id, name: id, right: 'cashier', active: true } }, technician)
    const outcomes = await Promise.allSettled([demote('mia'), demote('max')])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect((await counter.people.list()).employees.filter(({ right }) => right === 'manager')).toHaveLength(1)
  })

  it('[Q11] who is made less while the PIN of another is hashed changes nobody any more', async () => {
    const counter = await openCounter()
    const { manager } = await staff(counter)
    const pins = counter.people.put(
      {
        login: manager,
        employee: { id: 'eve', name: 'Eve', right: 'manager', active: true, pin: '2222' },
      },
      till(),
    )
    await hire(counter, 'nia', 'manager', { badge: 'B-nia' })
    await hire(counter, 'mia', 'minimal', {})
    await expect(pins).rejects.toMatchObject({ code: 'login_required' })
    expect((await counter.people.list()).employees.map(({ id }) => id)).not.toContain('eve')
  })

  it('[Q12] an absent PIN or badge stays, null takes it away, and changes are announced', async () => {
    const counter = await openCounter()
    await hire(counter, 'mia', 'manager')
    const put = (change: object) => counter.people.put({ employee: { ...carl, ...change } }, technician)
    expect(await put({ badge: 'B1' })).toMatchObject({ hasPin: true, hasBadge: true })
    counter.published.length = 0
    const { pin: _, ...without } = carl
    expect(await counter.people.put({ employee: without }, technician)).toMatchObject({
      hasPin: true,
      hasBadge: true,
    })
    expect(counter.published).toEqual([
      { topic: 'till.catalogue.changed', data: { kind: 'employee', revision: counter.catalogue.revision } },
    ])
    expect(await put({ pin: null })).toMatchObject({ hasPin: false, hasBadge: true })
    expect(await put({ pin: null, badge: null })).toMatchObject({ hasPin: false, hasBadge: false })
    await expect(
      counter.people.login({ register: 'r1', employee: 'carl', pin: '2222' }, till()),
    ).rejects.toEqual(errorWith('till_invalid', { path: 'badge' }))
  })

  it("[Q12] another one's badge is refused, and nothing is changed by it", async () => {
    const counter = await openCounter()
    await hire(counter, 'mia', 'manager', { pin: '1111', badge: 'B1' })
    await expect(hire(counter, 'carl', 'cashier', { pin: '2222', badge: 'B1' })).rejects.toEqual(
      errorWith('till_in_use'),
    )
    expect((await counter.people.list()).employees.map(({ id }) => id)).toEqual(['mia'])
    expect(await hire(counter, 'mia', 'manager', { badge: 'B1' })).toMatchObject({ hasBadge: true })
  })

  it('[Q12] a shop has 2,000 employees and no more', async () => {
    const counter = await openCounter()
    const { store } = counter
    const dir = await testFolder()
    await store.close()
    const full = await openCounter({ dir })
    for (let index = 0; index < peopleLimits.employeesMax - 1; index++)
      await full.store.till.people.put({
        id: `e${index}`,
        name: `E${index}`,
        right: 'manager',
        active: true,
        pin: null,
        badge: null,
      })
    await full.store.close()
    const again = await openCounter({ dir })
    expect(await hire(again, 'mia', 'manager')).toMatchObject({ id: 'mia' })
    await expect(hire(again, 'max', 'manager')).rejects.toEqual(
      errorWith('till_invalid', { path: 'employee' }),
    )
    expect(await hire(again, 'mia', 'manager')).toMatchObject({ id: 'mia' })
  })

  it('[Q13] a removed one keeps the name for papers, after a restart too; removing twice is no error', async () => {
    const dir = await testFolder()
    const counter = await openCounter({ dir })
    await staff(counter)
    expect(counter.people.nameOf('carl')).toBe('Carl')
    await counter.people.remove({ id: 'carl' }, technician)
    expect(counter.people.nameOf('carl')).toBe('Carl')
    expect(await counter.people.remove({ id: 'carl' }, technician)).toEqual({})
    await expect(counter.people.remove({ id: 'nobody' }, technician)).rejects.toEqual(
      errorWith('till_unknown', { kind: 'employee', id: 'nobody' }),
    )
    await counter.store.close()
    const after = await openCounter({ dir })
    expect(after.people.nameOf('carl')).toBe('Carl')
    expect(after.people.nameOf('nobody')).toBe('nobody')
  })
})
