/** Measures the store: what one durable commit costs over the bare database, and what grouping gains. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { openEventLog, openStore } from '../../src/store/open.ts'
import type { EventLog, JobRow, Store } from '../../src/store/store.ts'
import { atLeast, atMost, percentile, type Row } from './rows.ts'

const singles = 1_000
const groupSize = 200
const groups = 25
const eventRows = 100
const eventBatches = 200
const listedJobs = 100_000

export async function run(): Promise<Row[]> {
  const dir = await mkdtemp(`${tmpdir()}/bench-store-`)
  const store = await openStore({ dir })
  const events = await openEventLog({ dir, bootId: 'bench', newId: randomUUID, now: Date.now })
  try {
    // Taken in turns, so that both meet the same moods of the disk.
    const floor = openFloor(`${dir}/floor.db`)
    const floorTimes: number[] = []
    const times: number[] = []
    for (let index = 0; index < singles; index++) {
      floorTimes.push(await timed(async () => floor(index)))
      times.push(await timed(() => store.jobs.insert(job(`single-${index}`))))
    }
    const over = percentile(times, 0.5) - percentile(floorTimes, 0.5)
    return [
      atMost(
        'durable single insert p50',
        percentile(times, 0.5),
        'ms',
        percentile(floorTimes, 0.5) + 1,
        `bare node:sqlite in-thread ${percentile(floorTimes, 0.5).toFixed(3)} ms`,
      ),
      atMost(
        'durable single insert p99',
        percentile(times, 0.99),
        'ms',
        percentile(floorTimes, 0.99) * 3 + 2,
        `bare node:sqlite in-thread ${percentile(floorTimes, 0.99).toFixed(3)} ms`,
      ),
      atMost('thread and promise over the bare insert p50', over, 'ms', 0.5),
      ...(await grouped(store)),
      ...(await eventFigures(events)),
      ...(await listing(store)),
    ]
  } finally {
    await store.close()
    await events.close()
    await rm(dir, { recursive: true })
  }
}

async function grouped(store: Store): Promise<Row[]> {
  const before = store.stats
  const ms = await timed(async () => {
    for (let group = 0; group < groups; group++) {
      const rows = Array.from({ length: groupSize }, (_, index) => job(`group-${group}-${index}`))
      await Promise.all(rows.map((row) => store.jobs.insert(row)))
    }
  })
  const after = store.stats
  const perCommit = (after.operations - before.operations) / (after.commits - before.commits)
  return [
    atLeast(`${groupSize} concurrent inserts`, (groups * groupSize * 1_000) / ms, 'jobs/s', 3_000),
    atLeast('operations in one commit', perCommit, 'operations', 50),
  ]
}

async function eventFigures(log: EventLog): Promise<Row[]> {
  const times: number[] = []
  let seq = 0
  for (let index = 0; index < singles; index++) {
    const row = event(++seq)
    times.push(await timed(() => log.append([row])))
  }
  const ms = await timed(async () => {
    const waiting: Promise<void>[] = []
    for (let batch = 0; batch < eventBatches; batch++) {
      waiting.push(log.append(Array.from({ length: eventRows }, () => event(++seq))))
    }
    await Promise.all(waiting)
  })
  return [
    atMost('event append p50', percentile(times, 0.5), 'ms', 1),
    atMost('event append p99', percentile(times, 0.99), 'ms', 5),
    atLeast('batched events', (eventBatches * eventRows * 1_000) / ms, 'rows/s', 50_000),
  ]
}

async function listing(store: Store): Promise<Row[]> {
  for (let done = 0; done < listedJobs; done += 5_000) {
    const rows = Array.from({ length: 5_000 }, (_, index) => ({
      ...job(`listed-${done + index}`),
      state: index % 1_000 === 0 ? ('failed' as const) : ('done' as const),
      finishedAt: done + index,
    }))
    await Promise.all(rows.map((row) => store.jobs.insert(row)))
  }
  const filters = [
    {},
    { device: 'printer-3' },
    { state: 'failed' as const },
    { device: 'printer-3', state: 'failed' as const },
  ]
  let worst = 0
  for (const filter of filters) {
    worst = Math.max(worst, await timed(() => store.jobs.list({ ...filter, limit: 100 })))
  }
  return [atMost(`slowest page of 100 in ${listedJobs} jobs`, worst, 'ms', 20)]
}

function openFloor(file: string): (index: number) => void {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  db.exec('CREATE TABLE jobs (ord INTEGER PRIMARY KEY, id TEXT UNIQUE, body TEXT)')
  const insert = db.prepare('INSERT INTO jobs (id, body) VALUES (?, ?)')
  return (index) => {
    insert.run(`floor-${index}`, payload)
  }
}

const payload = JSON.stringify({
  receipt: { blocks: Array.from({ length: 12 }, () => ({ type: 'text', text: 'Espresso' })) },
})

function job(id: string): JobRow {
  const device = `printer-${id.length % 7}`
  const row = { id, device, kind: 'print', payload, fingerprint: 'f'.repeat(64), state: 'pending' } as const
  return { ...row, attempts: 0, createdAt: 1, expiresAt: 2, client: 'bench' }
}

function event(seq: number) {
  return {
    seq,
    at: Date.now(),
    topic: 'scan',
    device: 'scanner',
    data: '{"code":"4006381333931","symbology":"ean13"}',
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

if (import.meta.main) for (const row of await run()) console.log(JSON.stringify(row))
