/** What a thief with a till token would try at PINs and badges. */
import { describe, expect, it } from 'vitest'
import { LockOut, lockOutLimits } from '../../src/till/people/tries.ts'
import { TestClock } from '../support/clock.ts'
import { hire, openCounter, till } from './counter-support.ts'

const { employee: ofEmployee, client: ofClient, rememberedMax } = lockOutLimits

function lockOut() {
  const clock = new TestClock()
  const tries = new LockOut(() => clock.now())
  const guess = (client: string, employee: string | undefined): string => {
    try {
      tries.begin(client, employee)
      return 'tried'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  return { clock, tries, guess }
}

describe('a thief', () => {
  it('[Q7] who asks for names that nobody has makes the hub forget no lock-out, here or elsewhere', () => {
    const { guess } = lockOut()
    for (let count = 0; count <= ofEmployee.freeTries; count++) guess('till-2', 'mia')
    expect(guess('till-2', 'mia')).toBe('locked_out')
    for (let count = 0; count <= ofClient.freeTries; count++) guess('till-1', `n${count}`)
    for (let count = 0; count <= rememberedMax; count++)
      expect(guess('till-1', `made-up-${count}`)).toBe('locked_out')
    expect(guess('till-2', 'mia')).toBe('locked_out')
  })

  it('[Q8] whose tries were not looked at leaves nothing behind that pushes others out', () => {
    const { guess, tries } = lockOut()
    for (let count = 0; count <= ofEmployee.freeTries; count++) guess('till-2', 'mia')
    for (let count = 0; count <= rememberedMax; count++) tries.begin('till-1', `made-up-${count}`).undo()
    expect(guess('till-2', 'mia')).toBe('locked_out')
  })

  it('[Q1] a badge that was sent as a name is not in the log', async () => {
    const counter = await openCounter()
    await hire(counter, 'mia', 'manager', { badge: '041777777' })
    const ask = { register: 'r1', employee: '041777777', pin: '0000' }
    for (let count = 0; count <= ofEmployee.freeTries; count++)
      await expect(counter.people.login(ask, till())).rejects.toMatchObject({ code: 'pin_wrong' })
    await expect(counter.people.login(ask, till())).rejects.toMatchObject({ code: 'locked_out' })
    expect(counter.warnings).toContain('too many wrong PINs or badges at this till')
    expect(JSON.stringify(counter.warned)).not.toContain('041777777')
  })
})
