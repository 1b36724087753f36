/** Pruning at its edges, the ledger against tampering, and jobs against a model. */
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { endedStates, type JobState } from '../../src/protocol/job.ts'
import { pruneEveryEvents } from '../../src/store/event-log.ts'
import { pruneStepEvents } from '../../src/store/events.ts'
import { idleMs } from '../../src/store/handle.ts'
import { pruneStepRows } from '../../src/store/jobs.ts'
import { openEventLog, openStore } from '../../src/store/open.ts'
import type { JobRow, Store, storeLimits } from '../../src/store/store.ts'
import { codeOf } from '../contracts/store.ts'
import { settle, TestClock } from '../support/clock.ts'
import { testFolder } from './support/folder.ts'
import { eventRows, jobRow } from './support/rows.ts'

async function memoryStore(limits: Partial<Record<keyof typeof storeLimits, number>> = {}): Promise<Store> {
  const store = await openStore({ inline: true, dir: ':memory:', limits })
  onTestFinished(() => store.close())
  return store
}

const idsOf = async (store: Store) =>
  (await store.jobs.list({ limit: 10_000 })).rows.map(({ id }) => id).toReversed()

describe('pruning of jobs', () => {
  it('[ST8] an ended job goes when it is older than the limit, not at it; one that has not ended stays', async () => {
    const store = await memoryStore({ endedJobAgeMsMax: 100 })
    await store.jobs.insert(jobRow('old', { state: 'done', finishedAt: 899 }))
    await store.jobs.insert(jobRow('edge', { state: 'unknown', finishedAt: 900 }))
    await store.jobs.insert(jobRow('open', { createdAt: 0 }))
    await store.jobs.insert(jobRow('running', { state: 'running', createdAt: 0 }))
    expect(await store.jobs.prune(1_000)).toBe(1)
    expect(await idsOf(store)).toEqual(['edge', 'open', 'running'])
    expect(await store.jobs.prune(1_000)).toBe(0)
  })

  it('[ST8] beyond the count those that ended first go, in steps', async () => {
    const kept = 5
    const surplus = 2 * pruneStepRows + 1
    const store = await memoryStore({ endedJobsMax: kept })
    const rows = Array.from({ length: kept + surplus }, (_, index) =>
      jobRow(`j${index}`, { state: 'done', finishedAt: 10_000 - index }),
    )
    await Promise.all(rows.map((row) => store.jobs.insert(row)))
    await store.jobs.insert(jobRow('open'))
    expect(await store.jobs.prune(10_000)).toBe(surplus)
    expect(await idsOf(store)).toEqual(['j0', 'j1', 'j2', 'j3', 'j4', 'open'])
    expect((await store.jobs.get('j0'))?.payload).toBe('{"text":"j0"}')
  })

  it('[ST8] the payloads go with their jobs', async () => {
    const dir = await testFolder()
    const store = await openStore({ dir, inline: true, limits: { endedJobsMax: 1 } })
    for (const id of ['a', 'b', 'c']) await store.jobs.insert(jobRow(id, { state: 'done', finishedAt: 1 }))
    await store.jobs.prune(2)
    await store.close()
    const db = new DatabaseSync(`${dir}/books.db`)
    expect(db.prepare('SELECT count(*) AS count FROM job_payloads').get()?.count).toBe(1)
    db.close()
  })
})

describe('pruning of events', () => {
  async function openedLog(limits: { eventsMax?: number; eventAgeMsMax?: number }, now = 0) {
    const clock = new TestClock()
    const options = {
      dir: ':memory:',
      inline: true,
      bootId: 'b',
      newId: () => 'e',
      now: () => now,
      clock,
      limits,
    }
    const log = await openEventLog(options)
    onTestFinished(() => log.close())
    return { log, clock }
  }

  it('[ST23] keeps exactly the newest, and says when rows asked for are gone', async () => {
    const { log, clock } = await openedLog({ eventsMax: 10 })
    await log.append(eventRows(1, 25))
    await clock.advance(idleMs)
    expect((await log.after(15, 100))?.map(({ seq }) => seq)).toEqual([
      16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    ])
    expect(await log.after(14, 100)).toBeUndefined()
    expect(await log.after(0, 100)).toBeUndefined()
    expect(log.lastSeq).toBe(25)
  })

  it('[ST23] drops by age, keeps at the edge, and never the newest: it holds the number', async () => {
    const { log, clock } = await openedLog({ eventAgeMsMax: 100 }, 200)
    await log.append([
      ...eventRows(1, 1, { at: 99 }),
      ...eventRows(2, 2, { at: 100 }),
      ...eventRows(3, 3, { at: 99 }),
    ])
    await clock.advance(idleMs)
    expect((await log.after(1, 10))?.map(({ seq }) => seq)).toEqual([2, 3])
    expect(await log.after(0, 10)).toBeUndefined()
    const old = await openedLog({ eventAgeMsMax: 100 }, 9_000)
    await old.log.append(eventRows(1, 3))
    await old.clock.advance(idleMs)
    expect(await old.log.after(1, 10)).toBeUndefined()
    expect((await old.log.after(2, 10))?.map(({ seq }) => seq)).toEqual([3])
  })

  it('[ST23] drops more than one step when it is quiet', async () => {
    const { log, clock } = await openedLog({ eventsMax: 1 })
    await log.append(eventRows(1, pruneEveryEvents - 1))
    await log.append(eventRows(pruneEveryEvents, 3 * pruneStepEvents))
    await clock.advance(idleMs)
    expect(await log.after(3 * pruneStepEvents - 2, 10)).toBeUndefined()
    expect(await log.after(3 * pruneStepEvents - 1, 10)).toHaveLength(1)
  })

  it('[ST23] drops as it goes when it never gets quiet', async () => {
    const { log } = await openedLog({ eventsMax: 10 })
    for (let seq = 1; seq < pruneEveryEvents; seq++) await log.append(eventRows(seq, seq))
    expect(await log.after(0, 1)).toHaveLength(1)
    await log.append(eventRows(pruneEveryEvents, pruneEveryEvents))
    await settle()
    expect(await log.after(pruneEveryEvents - 11, 1)).toBeUndefined()
    expect(await log.after(pruneEveryEvents - 10, 100)).toHaveLength(10)
  })
})

describe('the ledger', () => {
  it.each([
    'UPDATE ledger SET at = 0',
    'DELETE FROM ledger',
    `INSERT OR REPLACE INTO ledger VALUES (1, 0, 'k', '{}', 'h')`,
    `INSERT INTO ledger VALUES (7, 0, 'k', '{}', 'h')`,
  ])('[ST12] the database itself refuses: %s', async (sql) => {
    const dir = await testFolder()
    const store = await openStore({ dir, inline: true })
    await store.ledger.append('sale', {}, 1)
    await store.close()
    const db = new DatabaseSync(`${dir}/books.db`)
    onTestFinished(() => db.close())
    expect(() => db.exec(sql)).toThrow('append-only')
  })

  it('[ST13] proves a long chain slice by slice', async () => {
    const store = await memoryStore()
    const appended = Array.from({ length: 2_500 }, (_, index) =>
      store.ledger.append('sale', { index }, index),
    )
    // The first entry tells of the key.
    const last = (await Promise.all(appended)).at(-1)
    expect(last?.seq).toBe(2_501)
    const { keys, ...proof } = await store.ledger.verify()
    expect(proof).toEqual({ entries: 2_501, head: last?.hash })
    expect(keys).toHaveLength(1)
  })
})

const states: JobState[] = ['pending', 'running', 'done', 'failed', 'expired', 'unknown']
const jobId = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const device = fc.constantFrom('p1', 'p2')
const finishedAt = fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined })
const step = fc.oneof(
  fc.record({
    do: fc.constant('insert' as const),
    id: jobId,
    device,
    state: fc.constantFrom(...states),
    finishedAt,
  }),
  fc.record({
    do: fc.constant('update' as const),
    id: jobId,
    device,
    state: fc.constantFrom(...states),
    finishedAt,
  }),
  fc.record({ do: fc.constant('prune' as const), now: fc.integer({ min: 0, max: 200 }) }),
  fc.record({
    do: fc.constant('list' as const),
    device: fc.option(device, { nil: undefined }),
    state: fc.option(fc.constantFrom(...states), { nil: undefined }),
    limit: fc.integer({ min: 1, max: 3 }),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Jobs as a list in order of arrival: the plainest thing that could be right. */
class JobModel {
  rows: JobRow[] = []
  readonly #limits: { endedJobsMax: number; endedJobAgeMsMax: number }
  constructor(limits: { endedJobsMax: number; endedJobAgeMsMax: number }) {
    this.#limits = limits
  }
  ended(): JobRow[] {
    return this.rows.filter(({ state }) => endedStates.has(state)).sort((a, b) => endOf(a) - endOf(b))
  }
  prune(now: number): void {
    const aged = this.ended().filter((row) => endOf(row) < now - this.#limits.endedJobAgeMsMax)
    this.rows = this.rows.filter((row) => !aged.includes(row))
    const ended = this.ended()
    const surplus = ended.slice(0, Math.max(0, ended.length - this.#limits.endedJobsMax))
    this.rows = this.rows.filter((row) => !surplus.includes(row))
  }
}
const endOf = (row: JobRow) => row.finishedAt ?? row.createdAt

async function takeStep(action: Step, store: Store, model: JobModel): Promise<void> {
  switch (action.do) {
    case 'insert': {
      const more = { device: action.device, state: action.state, createdAt: 50 }
      const row = jobRow(action.id, {
        ...more,
        ...(action.finishedAt !== undefined && { finishedAt: action.finishedAt }),
      })
      if (model.rows.some(({ id }) => id === action.id)) {
        expect(await codeOf(store.jobs.insert(row))).toBe('job_conflict')
      } else {
        await store.jobs.insert(row)
        model.rows.push(row)
      }
      return
    }
    case 'update': {
      const row = model.rows.find(({ id }) => id === action.id)
      const patch = {
        device: action.device,
        state: action.state,
        ...({ finishedAt: action.finishedAt } as object),
      }
      if (row === undefined) {
        expect(await codeOf(store.jobs.update(action.id, patch))).toBe('job_unknown')
      } else {
        await store.jobs.update(action.id, patch)
        Object.assign(row, patch)
      }
      return
    }
    case 'prune':
      await store.jobs.prune(action.now)
      return model.prune(action.now)
    case 'list': {
      const matching = model.rows.filter(
        (row) =>
          (action.device === undefined || row.device === action.device) &&
          (action.state === undefined || row.state === action.state),
      )
      const seen: string[] = []
      for (let before: string | undefined, more = true; more; more = before !== undefined) {
        const page = await store.jobs.list({ ...action, before })
        seen.push(...page.rows.map(({ id }) => id))
        before = page.next
      }
      expect(seen).toEqual(matching.map(({ id }) => id).toReversed())
    }
  }
}

describe('jobs against a model', () => {
  it('[ST4] [ST5] [ST6] [ST7] [ST8] any order of operations leaves what the model says', async () => {
    let steps = 0
    const limits = { endedJobsMax: 2, endedJobAgeMsMax: 60 }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (actions) => {
        const store = await openStore({ inline: true, dir: ':memory:', limits })
        const model = new JobModel(limits)
        try {
          for (const action of actions) {
            await takeStep(action, store, model)
            steps++
          }
          for (const row of model.rows) expect(await store.jobs.get(row.id)).toEqual(stripped(row))
          const open = model.rows.filter(({ state }) => !endedStates.has(state))
          expect((await store.jobs.unended()).map(({ id }) => id)).toEqual(open.map(({ id }) => id))
          const ended = model.ended().map(({ id }) => id)
          expect((await store.jobs.endedSince(0, 100)).map(({ id }) => id)).toEqual(ended)
        } finally {
          await store.close()
        }
      }),
      { numRuns: 200 },
    )
    expect(steps).toBeGreaterThan(1_000)
  })
})

const stripped = (row: JobRow) =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))
