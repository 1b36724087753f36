/** Ids that the hub makes: typed by people, and given to commands. */
import { expect, it } from 'vitest'
import { newId } from '../../src/hub/ids.ts'

it('[A16] none begins like an option of a command, and none is there twice', () => {
  const ids = Array.from({ length: 5_000 }, newId)
  expect(ids.filter((id) => !/^[A-Za-z0-9][A-Za-z0-9_-]{15}$/.test(id))).toEqual([])
  expect(new Set(ids).size).toBe(ids.length)
})
