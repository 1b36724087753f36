/** Closing while others sell, move cash and close: what is acknowledged is in Z, what is not in Z was refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sessionLimits } from '../../src/till/sessions/sessions.ts'
import { testFolder } from '../store/support/folder.ts'
import {
  type Counter,
  ledgerOf,
  open,
  openCounter,
  sell,
  staff,
  technician,
  till,
} from './counter-support.ts'

const counted = (cash: number, acceptDifference = false) => ({
  session: 's1',
  counts: [{ method: 'cash', counted: cash }],
  acceptDifference,
})

/** Waits for so many turns of the promises: where two requests meet. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve()
}

/** A shop in which `between` happens each time after the figures were read, `times` at most. */
async function hurried(times: number, between: (counter: Counter) => Promise<unknown>) {
  let left = 0
  const counter = await openCounter({
    register: { authorisedDifference: 100 },
    afterFigures: async () => {
      if (left-- > 0) await between(counter)
    },
  })
  await open(counter, 's1', 10_000)
  left = times
  return counter
}

describe('closing in a race', () => {
  it('[Q33] a card sale in between is in the Z report', async () => {
    const counter = await hurried(1, (shop) => sell(shop, 's1', [['card', 700]]))
    const z = await counter.sessions.close(counted(10_000), technician)
    expect(z).toMatchObject({ orders: 1, total: 700, grandTotal: 700, cashExpected: 10_000 })
    expect(await ledgerOf(counter, 'session.closed')).toEqual([z])
  })

  it('[Q33] a cash sale in between is judged again: it differs now', async () => {
    const counter = await hurried(1, (shop) => sell(shop, 's1', [['cash', 700]]))
    await expect(counter.sessions.close(counted(10_000), technician)).rejects.toMatchObject({
      code: 'difference_found',
      context: { difference: -700 },
    })
    expect(await counter.sessions.close(counted(10_700), technician)).toMatchObject({ cashExpected: 10_700 })
  })

  it('[Q33] what a cashier may accept no more after a move in between needs a manager', async () => {
    const counter = await hurried(1, ({ sessions }) =>
      sessions.moveCash({ id: 'm1', session: 's1', amount: 500, reason: 'change', print: false }, technician),
    )
    const { cashier } = await staff(counter)
    const asked = { ...counted(10_050, true), login: cashier }
    await expect(counter.sessions.close(asked, till())).rejects.toMatchObject({
      code: 'right_missing',
      context: { right: 'manager' },
    })
    expect(await counter.sessions.close({ ...asked, approval: { badge: 'B-mia' } }, till())).toMatchObject({
      closing: { approvedBy: 'mia', counts: [{ difference: -450 }] },
    })
  })

  it.each([
    [sessionLimits.closeTriesMax - 1, 'closed'],
    [sessionLimits.closeTriesMax, 'rate_limited'],
  ])('[Q33] after %i sales in between it is %s', async (sales, outcome) => {
    const counter = await hurried(sales, (shop) => sell(shop, 's1', [['card', 100]]))
    const asked = counter.sessions.close(counted(10_000), technician)
    if (outcome === 'closed') expect(await asked).toMatchObject({ orders: sales })
    else await expect(asked).rejects.toMatchObject({ code: outcome })
    expect(await counter.sessions.report({ session: 's1' }, technician)).toMatchObject({
      session: { state: outcome === 'closed' ? 'closed' : 'open' },
    })
  })

  it('[Q33] whenever sales and moves come, Z has exactly those that were acknowledged', async () => {
    const deed = fc.record({
      after: fc.nat({ max: 60 }),
      what: fc.constantFrom('cash', 'card', 'move'),
      amount: fc.integer({ min: 1, max: 5_000 }),
    })
    let inZ = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 8 }), fc.nat({ max: 40 }), async (deeds, closeAfter) => {
        const counter = await openCounter()
        await open(counter, 's1', 1_000)
        const acts = deeds.map(async ({ after, what, amount }, index) => {
          await turns(after)
          if (what !== 'move') await sell(counter, 's1', [[what, amount]], { id: `o${index}` })
          else
            await counter.sessions.moveCash(
              { id: `m${index}`, session: 's1', amount, reason: 'x', print: false },
              technician,
            )
          return { what, amount }
        })
        await turns(closeAfter)
        const z = await counter.sessions.close(counted(0, true), technician)
        let [sales, cash, orders] = [0, 1_000, 0]
        for (const act of await Promise.allSettled(acts)) {
          if (act.status === 'rejected') {
            expect(act.reason).toMatchObject({ code: 'session_closed' })
            refused++
            continue
          }
          const { what, amount } = act.value
          inZ++
          if (what !== 'card') cash += amount
          if (what !== 'move') {
            sales += amount
            orders++
          }
        }
        expect(z).toMatchObject({ total: sales, orders, cashExpected: cash, grandTotal: sales })
        expect(await counter.sessions.report({ session: 's1' }, technician)).toEqual(z)
        await counter.store.close()
      }),
      { numRuns: 60 },
    )
    // Both sides of the race were met.
    expect(inZ).toBeGreaterThan(20)
    expect(refused).toBeGreaterThan(20)
  }, 60_000)

  it('[Q33] with the books in their own thread, 200 sales around the closing of a full day', async () => {
    const counter = await openCounter({ dir: await testFolder(), worker: true })
    await open(counter, 's1', 1_000)
    const sales = Array.from({ length: 200 }, async (_, index) => {
      for (let turn = 0; turn < index % 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      return sell(counter, 's1', [['cash', 100 + index]], { id: `o${index}` })
    })
    const closing = (async () => {
      for (;;) {
        try {
          return await counter.sessions.close(counted(0, true), technician)
        } catch (error) {
          // Sales keep coming: it says so, and is asked again.
          expect(error).toMatchObject({ code: 'rate_limited' })
        }
      }
    })()
    const outcomes = await Promise.allSettled(sales)
    const z = await closing
    let sum = 0
    for (const [index, outcome] of outcomes.entries())
      if (outcome.status === 'fulfilled') sum += 100 + index
      else expect(outcome.reason).toMatchObject({ code: 'session_closed' })
    expect(z).toMatchObject({ total: sum, cashExpected: 1_000 + sum, grandTotal: sum })
    expect(await counter.store.ledger.verify()).not.toHaveProperty('broken')
  })

  it('[Q35] of two that close at once, one closes: the same content is answered the same, other is refused', async () => {
    const counter = await openCounter()
    await open(counter, 's1', 1_000)
    const close = (cash: number, client: string) =>
      counter.sessions.close(counted(cash, true), till(client, 'technician'))
    const [one, two, three] = await Promise.allSettled([close(900, 'a'), close(900, 'a'), close(800, 'b')])
    expect(one).toMatchObject({ status: 'fulfilled' })
    expect(two).toEqual(one)
    expect(three).toMatchObject({ status: 'rejected', reason: { code: 'session_closed' } })
    expect(await ledgerOf(counter, 'session.closed')).toHaveLength(1)
    const closed = counter.published.filter(({ data }) => (data as { state?: string }).state === 'closed')
    expect(closed).toHaveLength(1)
    expect(await counter.sessions.get({ register: 'r1' })).toEqual({ session: null, openingExpected: 900 })
  })

  it('[Q35] another till that was quicker while the figures were read', async () => {
    let other: Promise<unknown> | undefined
    const counter = await hurried(1, ({ sessions }) => {
      other = sessions.close(counted(10_000), technician)
      return other
    })
    await expect(counter.sessions.close(counted(9_000, true), technician)).rejects.toMatchObject({
      code: 'session_closed',
    })
    expect(await other).toMatchObject({ session: { state: 'closed' } })
  })
})
