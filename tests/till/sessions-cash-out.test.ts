/** Cash that is taken out of a drawer: how much nobody has to agree to. */
import { describe, expect, it } from 'vitest'
import { errorWith, ledgerOf, open, openCounter, sell, staff, till } from './counter-support.ts'

describe('cash out', () => {
  it('[Q41] more than is expected in the drawer is taken out by a manager, or with one', async () => {
    const counter = await openCounter()
    const { cashier, manager } = await staff(counter)
    await open(counter, 's1', 10_000)
    await sell(counter, 's1', [['cash', 500]])
    const out = (id: string, amount: number, more: object = {}) =>
      counter.sessions.moveCash(
        { login: cashier, id, session: 's1', amount: -amount, reason: 'bank', print: false, ...more },
        till(),
      )
    await expect(out('m1', 10_501)).rejects.toEqual(errorWith('right_missing', { right: 'manager' }))
    await expect(out('m1', 10_501, { approval: { badge: 'B-carl' } })).rejects.toEqual(
      errorWith('right_missing', { right: 'manager' }),
    )
    expect(await ledgerOf(counter, 'cash')).toEqual([])
    const moves = await Promise.allSettled([out('m1', 10_000), out('m2', 10_000)])
    expect(moves.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await out('m1', 10_000)).not.toHaveProperty('approvedBy')
    expect(await out('m3', 500)).not.toHaveProperty('approvedBy')
    const approved = await out('m4', 1, { approval: { badge: 'B-mia' } })
    expect(approved).toMatchObject({ by: 'carl', approvedBy: 'mia' })
    expect(await out('m5', 1, { login: manager })).not.toHaveProperty('approvedBy')
    expect((await ledgerOf(counter, 'cash')).map(({ id }) => id)).toEqual(['m1', 'm3', 'm4', 'm5'])
  })

  it('[Q41] where cash is counted blindly, no refusal tells what was sold', async () => {
    const counter = await openCounter({ register: { blindCount: true } })
    const { cashier } = await staff(counter)
    await open(counter, 's1', 10_000)
    await sell(counter, 's1', [['cash', 7_000]])
    const move = (id: string, amount: number) =>
      counter.sessions.moveCash(
        { login: cashier, id, session: 's1', amount, reason: 'bank', print: false },
        till(),
      )
    await move('in', 1_000)
    const missing = { right: 'manager', act: 'take out more cash than should be in the drawer' }
    const refused = (promise: Promise<unknown>) =>
      expect(promise).rejects.toMatchObject({ code: 'right_missing', context: missing })
    await refused(move('m1', -11_001))
    await sell(counter, 's1', [['cash', 90_000]])
    await refused(move('m1', -11_001))
    expect(await move('m1', -11_000)).toMatchObject({ amount: -11_000 })
    await refused(move('m2', -1))
  })
})
