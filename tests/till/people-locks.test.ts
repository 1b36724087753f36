/** Lock-outs: whoever guesses at a till waits, and nobody waits elsewhere for it. */
import { describe, expect, it } from 'vitest'
import type { TillCaller } from '../../src/till/parts.ts'
import { pinLimits } from '../../src/till/people/pins.ts'
import { LockOut, lockOutLimits } from '../../src/till/people/tries.ts'
import { TestClock } from '../support/clock.ts'
import { type Counter, hire, openCounter, technician, till } from './counter-support.ts'

const { employee: ofEmployee, client: ofClient } = lockOutLimits

async function guess({ people }: Counter, pin: string, caller: TillCaller = till(), employee = 'mia') {
  try {
    await people.login({ register: 'r1', employee, pin }, caller)
    return 'in'
  } catch (error) {
    const { code, context } = error as { code: string; context: { seconds?: number } }
    return code === 'locked_out' ? context.seconds : code
  }
}

async function wrong(counter: Counter, times: number, caller?: TillCaller, employee?: string) {
  for (let count = 0; count < times; count++)
    expect(await guess(counter, '0000', caller, employee)).toBe('pin_wrong')
}

async function shop() {
  const counter = await openCounter()
  await hire(counter, 'mia', 'manager')
  return counter
}

describe('at one employee', () => {
  it('[Q5] four wrong PINs cost nothing, the fifth 30 seconds, to the second', async () => {
    const counter = await shop()
    await wrong(counter, ofEmployee.freeTries)
    expect(await guess(counter, '1111')).toBe('in')
    // The right one began it anew.
    await wrong(counter, ofEmployee.freeTries + 1)
    expect(await guess(counter, '1111')).toBe(30)
    await counter.clock.advance(29_999)
    expect(await guess(counter, '1111')).toBe(1)
    await counter.clock.advance(1)
    expect(await guess(counter, '1111')).toBe('in')
    expect(counter.warnings).toContain('too many wrong PINs or badges at this till')
  })

  it('[Q5] each further one doubles the wait, to 15 minutes', async () => {
    const clock = new TestClock()
    const lockOut = new LockOut(() => clock.now())
    const seconds = (): number => {
      try {
        lockOut.begin('till-1', 'mia')
      } catch (error) {
        return (error as { context: { seconds: number } }).context.seconds
      }
      return 0
    }
    const waits: number[] = []
    for (let count = 0; count < ofEmployee.freeTries + 8; count++) {
      expect(seconds()).toBe(0)
      const wait = seconds()
      if (wait === 0) {
        // That was a try too, and cost nothing.
        count++
        continue
      }
      waits.push(wait)
      await clock.advance(wait * 1_000)
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900, 900])
  })

  it('[Q5] an hour without a wrong try begins anew', async () => {
    const counter = await shop()
    await wrong(counter, ofEmployee.freeTries)
    await counter.clock.advance(ofEmployee.forgetMs - 1)
    await wrong(counter, 1)
    expect(await guess(counter, '0000')).toBe(30)
    await counter.clock.advance(ofEmployee.forgetMs)
    await wrong(counter, ofEmployee.freeTries + 1)
  })

  it('[Q5] a clock that is set back makes nobody wait longer than the wait', () => {
    let now = 1_000_000_000
    const lockOut = new LockOut(() => now)
    for (let count = 0; count <= ofEmployee.freeTries; count++) lockOut.begin('till-1', 'mia')
    now -= 500_000_000
    expect(() => lockOut.begin('till-1', 'mia')).toThrow('30 seconds')
    now += 30_000
    expect(() => lockOut.begin('till-1', 'mia')).not.toThrow()
  })
})

describe('at one till', () => {
  it('[Q6] fifteen wrong tries over all employees and badges cost nothing, the sixteenth 30 seconds', async () => {
    const counter = await shop()
    for (const id of ['a', 'b', 'c']) await hire(counter, id, 'cashier')
    for (const id of ['a', 'b', 'c']) await wrong(counter, 4, till(), id)
    for (let count = 0; count < 3; count++)
      await expect(counter.people.login({ register: 'r1', badge: `B${count}` }, till())).rejects.toThrow(
        'pin_wrong',
      )
    expect(ofClient.freeTries).toBe(15)
    expect(await guess(counter, '1111')).toBe('in')
    // One's own right PIN does not wash off the guesses at others.
    await wrong(counter, 1, till(), 'nobody')
    expect(await guess(counter, '1111')).toBe(30)
    await expect(counter.people.login({ register: 'r1', badge: 'B' }, till())).rejects.toThrow('locked_out')
    expect(await guess(counter, '1111', till('till-2'))).toBe('in')
    await counter.clock.advance(30_000)
    expect(await guess(counter, '1111')).toBe('in')
    expect(await guess(counter, '0000')).toBe('pin_wrong')
    expect(await guess(counter, '1111')).toBe(60)
    await counter.clock.advance(ofClient.forgetMs)
    await wrong(counter, 3)
    expect(await guess(counter, '1111')).toBe('in')
  })

  it('[Q7] a lock-out holds at that till only, and a try during it does not prolong it', async () => {
    const counter = await shop()
    await wrong(counter, ofEmployee.freeTries + 1)
    for (let second = 0; second < 30; second++) {
      expect(await guess(counter, '0000')).toBe(30 - second)
      await counter.clock.advance(1_000)
    }
    expect(await guess(counter, '1111', till('till-2'))).toBe('in')
    expect(await guess(counter, '1111')).toBe('in')
  })

  it('[Q7] many guesses at once are many guesses', async () => {
    const counter = await shop()
    const answers = await Promise.all(Array.from({ length: 12 }, () => guess(counter, '0000')))
    expect(answers.filter((answer) => answer === 'pin_wrong')).toHaveLength(ofEmployee.freeTries + 1)
    expect(answers.filter((answer) => answer === 30)).toHaveLength(12 - ofEmployee.freeTries - 1)
  })

  it('[Q7] guessing at one employee locks out no other at that till', async () => {
    const counter = await shop()
    await hire(counter, 'carl', 'cashier')
    await wrong(counter, ofEmployee.freeTries + 1)
    expect(await guess(counter, '1111', till(), 'carl')).toBe('in')
  })

  it('[Q8] more than 22 comparisons at once are rate_limited, which counts as no try', async () => {
    const counter = await shop()
    const places = pinLimits.atOnceMax + pinLimits.waitingMax
    const tills = Array.from({ length: places + 5 }, (_, index) => till(`till-${index}`))
    const answers = await Promise.all(tills.map((caller) => guess(counter, '0000', caller)))
    expect(answers.slice(0, places)).toEqual(Array(places).fill('pin_wrong'))
    expect(answers.slice(places)).toEqual(Array(5).fill('rate_limited'))
    // A name that nobody has waits in the same line: it cannot be told by the time it takes.
    const busy = Promise.all(tills.map((caller) => guess(counter, '0000', caller)))
    expect(await guess(counter, '0000', till('late'), 'nobody')).toBe('rate_limited')
    await busy
    const [limited] = tills.slice(places)
    await wrong(counter, ofEmployee.freeTries, limited)
    expect(await guess(counter, '1111', limited)).toBe('in')
  })
})

describe('approvals', () => {
  it('[Q14] count as tries, and are locked out as log-ins are', async () => {
    const counter = await shop()
    const approve = (pin: string) =>
      counter.people.approve(till(), { employee: 'mia', pin }, 'manager', 'close')
    for (let count = 0; count <= ofEmployee.freeTries; count++)
      await expect(approve('0000')).rejects.toThrow('pin_wrong')
    await expect(approve('1111')).rejects.toThrow('locked_out')
    expect(await guess(counter, '1111')).toBe(30)
    await counter.clock.advance(30_000)
    expect(await approve('1111')).toEqual({ id: 'mia', name: 'Mia', right: 'manager' })
    expect(await counter.store.till.people.logins()).toEqual([])
  })

  it('[Q14] need somebody with the right, named or by badge', async () => {
    const counter = await shop()
    await hire(counter, 'carl', 'cashier', { badge: 'B-CARL' })
    const { people } = counter
    const approve = (approval: object) => people.approve(till(), approval, 'manager', 'close')
    await expect(approve({ badge: 'B-CARL' })).rejects.toMatchObject({
      code: 'right_missing',
      context: { right: 'manager', act: 'close' },
    })
    await expect(approve({ pin: '1111' })).rejects.toMatchObject({
      code: 'till_invalid',
      context: { path: 'approval.employee' },
    })
    expect(await people.approve(till(), { badge: 'B-CARL' }, 'cashier', 'x')).toMatchObject({ id: 'carl' })
    await expect(
      people.approve(technician, { employee: 'mia', pin: '9999' }, 'manager', 'x'),
    ).rejects.toThrow('pin_wrong')
  })
})
