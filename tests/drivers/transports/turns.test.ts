/** The order in which lines drain. */
import { expect, it } from 'vitest'
import { drainsMax } from '../../../src/drivers/transports/serial.ts'
import { Turns } from '../../../src/drivers/transports/turns.ts'
import { settle } from '../../support/clock.ts'

it('[SER10] only so many at a time, in their order, and one that fails gives its turn on', async () => {
  const turns = new Turns(2)
  const begun: number[] = []
  const ends = [0, 1, 2, 3].map((index) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const ended = turns.take(() => {
      begun.push(index)
      return promise
    })
    return { ended, resolve: () => resolve(index), reject: () => reject(new RangeError('broken')) }
  })
  await settle()
  expect(begun).toEqual([0, 1])
  ends[1]?.reject()
  await expect(ends[1]?.ended).rejects.toThrow('broken')
  await settle()
  expect(begun).toEqual([0, 1, 2])
  ends[0]?.resolve()
  ends[2]?.resolve()
  ends[3]?.resolve()
  expect(await Promise.all([ends[0], ends[2], ends[3]].map((each) => each?.ended))).toEqual([0, 2, 3])
  await turns.take(async () => begun.push(9))
  expect(begun).toEqual([0, 1, 2, 3, 9])
})

it('[SER10] leaves threads of Node’s pool for everything else', () => {
  expect(drainsMax('4')).toBe(2)
  expect(drainsMax(undefined)).toBe(2)
  expect(drainsMax('16')).toBe(14)
  for (const odd of ['1', '2', '0', '-3', 'many']) expect(drainsMax(odd)).toBeGreaterThanOrEqual(1)
})
