/** Groups, limits, idle work and the end of the thread: how the handle and the worker work together. */
import { stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HubError } from '../../src/protocol/errors.ts'
import { idleMs } from '../../src/store/handle.ts'
import { openEventLog, openStore } from '../../src/store/open.ts'
import { type EventRow, storeLimits } from '../../src/store/store.ts'
import { codeOf } from '../contracts/store.ts'
import { settle, TestClock } from '../support/clock.ts'
import { testFolder } from './support/folder.ts'
import { eventRows, jobRow } from './support/rows.ts'

async function openedStore(options: Partial<Parameters<typeof openStore>[0]> = {}) {
  const store = await openStore({ dir: await testFolder(), ...options })
  onTestFinished(() => store.close())
  return store
}

describe('groups', () => {
  it('[ST2] operations that wait together become one commit', async () => {
    const store = await openedStore()
    await Promise.all(Array.from({ length: 200 }, (_, index) => store.jobs.insert(jobRow(`j${index}`))))
    expect(store.stats).toEqual({ commits: 1, operations: 200, waiting: 0 })
  })

  it('[ST2] operations that arrive during a commit share the next ones', async () => {
    const store = await openedStore()
    const lanes = Array.from({ length: 50 }, async (_, lane) => {
      for (let index = 0; index < 10; index++) await store.jobs.insert(jobRow(`${lane}-${index}`))
    })
    await Promise.all(lanes)
    expect(store.stats.operations).toBe(500)
    expect(store.stats.commits).toBeLessThanOrEqual(100)
  })

  it('[ST2] large payloads are spread over several commits, and all arrive', async () => {
    const store = await openedStore()
    const payload = JSON.stringify({ raw: 'A'.repeat(2_000_000) })
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => store.jobs.insert(jobRow(`j${index}`, { payload }))),
    )
    expect(store.stats.commits).toBeGreaterThan(1)
    expect((await store.jobs.unended()).filter((job) => job.payload === payload)).toHaveLength(12)
  })

  it('[ST3] reads alone make no commit', async () => {
    const store = await openedStore()
    await Promise.all([
      store.jobs.get('a'),
      store.devices.all(),
      store.ledger.verify(),
      store.jobs.list({ limit: 5 }),
    ])
    expect(store.stats).toEqual({ commits: 0, operations: 0, waiting: 0 })
  })

  it('[ST15] refuses the operation beyond the limit of waiting ones, and takes new ones when they are done', async () => {
    const store = await openedStore({ inline: true, dir: ':memory:' })
    const reads = Array.from({ length: storeLimits.waitingOpsMax }, () => store.getMeta('a'))
    expect(store.stats.waiting).toBe(storeLimits.waitingOpsMax)
    expect(await codeOf(store.getMeta('a'))).toBe('store_unavailable')
    await Promise.all(reads)
    expect(await store.getMeta('a')).toBeUndefined()
  })
})

describe('the file', () => {
  it('[ST20] only its owner may read it', async () => {
    const dir = `${await testFolder()}/made/here`
    await openedStore({ dir })
    const log = await openEventLog({ dir, bootId: 'b', newId: () => 'e', now: () => 0 })
    onTestFinished(() => log.close())
    await log.append(eventRows(1, 1))
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
    expect(await mode(dir)).toBe('700')
    const files = ['books.db', 'books.db-wal', 'books.db-shm', 'events.db', 'events.db-wal', 'events.db-shm']
    for (const file of files) expect(`${file} ${await mode(`${dir}/${file}`)}`).toBe(`${file} 600`)
  })

  it('[ST14] waits for another process that holds the database', async () => {
    const dir = await testFolder()
    const store = await openedStore({ dir })
    const other = new DatabaseSync(`${dir}/books.db`)
    other.exec('BEGIN IMMEDIATE')
    const insert = store.jobs.insert(jobRow('a'))
    await settle()
    expect(store.stats.waiting).toBe(1)
    other.exec('COMMIT')
    other.close()
    await insert
    expect((await store.jobs.get('a'))?.id).toBe('a')
  })
})

describe('idle work', () => {
  it('[ST25] moves a grown WAL into the database when it has been quiet, and not before', async () => {
    const dir = await testFolder()
    const clock = new TestClock()
    const store = await openedStore({ dir, clock })
    const large = JSON.stringify({ text: 'x'.repeat(6_000_000) })
    const sizeOfDatabase = async () => (await stat(`${dir}/books.db`)).size
    const small = await sizeOfDatabase()
    await store.jobs.insert(jobRow('a', { payload: large }))
    await clock.advance(idleMs - 1)
    await store.getMeta('any')
    expect(await sizeOfDatabase()).toBe(small)
    await clock.advance(1)
    await store.getMeta('any')
    expect(await sizeOfDatabase()).toBeGreaterThan(6_000_000)
    expect(clock.pending).toBe(0)
  })

  it('[ST25] leaves a small WAL where it is, to spare the card', async () => {
    const dir = await testFolder()
    const clock = new TestClock()
    const store = await openedStore({ dir, clock })
    const before = (await stat(`${dir}/books.db`)).mtimeMs
    await store.jobs.insert(jobRow('a'))
    await clock.advance(idleMs)
    await store.getMeta('any')
    expect((await stat(`${dir}/books.db`)).mtimeMs).toBe(before)
  })

  it('[ST25] traffic puts the idle work off', async () => {
    const clock = new TestClock()
    const store = await openedStore({ clock })
    await store.setMeta('a', '1')
    await clock.advance(idleMs - 1)
    await store.setMeta('a', '2')
    await clock.advance(1)
    expect(clock.pending).toBe(1)
    await clock.advance(idleMs)
    expect(clock.pending).toBe(0)
  })
})

describe('the end of the thread', () => {
  it('[ST28] refuses everything, says why, and closes all the same', async () => {
    const dir = await testFolder()
    const failures: HubError[] = []
    const options = { dir, bootId: 'b', newId: () => 'e', now: () => 0 }
    const log = await openEventLog({ ...options, onFailure: (error) => failures.push(error) })
    await log.append(eventRows(1, 1))
    // More rows than the heap of the thread holds, in one operation.
    const append = log.append(Array<EventRow>(1_500_000).fill(eventRows(2, 2)[0]!))
    const behind = log.after(0, 1)
    expect(await codeOf(append)).toBe('store_unavailable')
    expect(await codeOf(behind)).toBe('store_unavailable')
    expect(await codeOf(log.after(0, 1))).toBe('store_unavailable')
    expect(failures.map(({ code }) => code)).toEqual(['store_unavailable'])
    await log.close()
    const again = await openEventLog(options)
    onTestFinished(() => again.close())
    expect(again.lastSeq).toBe(1)
  })

  it('[ST28] while it closes: what waits is refused, and the closing ends', async () => {
    const dir = await testFolder()
    const log = await openEventLog({ dir, bootId: 'b', newId: () => 'e', now: () => 0 })
    const append = log.append(Array<EventRow>(1_500_000).fill(eventRows(1, 1)[0]!))
    const refused = codeOf(append)
    await log.close()
    expect(await refused).toBe('store_unavailable')
  })
})
