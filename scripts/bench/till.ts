/** Measures paid orders: how many a second are durable, over the bare database doing the same statements in groups of the same size. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { migrate, readMigrations } from '../../src/store/migrations.ts'
import { openStore } from '../../src/store/open.ts'
import type { PayRow } from '../../src/store/store.ts'
import { atLeast, atMost, median, type Row } from './rows.ts'
import { payRow, sessionOf } from './till-rows.ts'

const rounds = 6
const roundOrders = 4_000
/** Orders that wait together; while one group is on its way to the disk the next ones are made. */
const groupSize = 50
const lanes = 3

export async function run(): Promise<Row[]> {
  const dir = await mkdtemp(`${tmpdir()}/bench-till-`)
  const store = await openStore({ dir })
  try {
    await store.till.sessions.open(sessionOf('s', 0), 'f', 1)
    const bare = openBare(`${dir}/bare.db`)
    const [speeds, bareSpeeds, delays]: [number[], number[], number[]] = [[], [], []]
    // In turns, so that both meet the same moods of the disk; the first round warms up.
    for (let round = 0; round <= rounds; round++) {
      const rows = Array.from({ length: roundOrders }, (_, at) => payRow(round * roundOrders + at, 's'))
      const before = store.stats
      const delay = monitorEventLoopDelay({ resolution: 1 })
      delay.enable()
      const ms = await timed(() => sell(rows, (row) => store.till.orders.pay(row)))
      delay.disable()
      const perCommit = Math.round(roundOrders / (store.stats.commits - before.commits))
      const bareMs = await timed(async () => {
        for (let at = 0; at < rows.length; at += perCommit) bare(rows.slice(at, at + perCommit))
      })
      if (round === 0) continue
      delays.push(delay.percentile(99) / 1e6)
      speeds.push((roundOrders * 1_000) / ms)
      bareSpeeds.push((roundOrders * 1_000) / bareMs)
    }
    const [speed, bareSpeed] = [median(speeds), median(bareSpeeds)]
    const ratio = median(speeds.map((each, round) => each / bareSpeeds[round]!))
    return [
      atLeast(
        'durable orders, of the bare database',
        ratio,
        'times',
        0.7,
        `${speed.toFixed(0)} orders/s, bare node:sqlite in-thread ${bareSpeed.toFixed(0)} orders/s`,
      ),
      atMost('event-loop delay p99 meanwhile', median(delays), 'ms', 10),
    ]
  } finally {
    await store.close()
    await rm(dir, { recursive: true })
  }
}

async function sell(rows: readonly PayRow[], pay: (row: PayRow) => Promise<unknown>): Promise<void> {
  const groups: PayRow[][] = []
  for (let at = 0; at < rows.length; at += groupSize) groups.push(rows.slice(at, at + groupSize))
  const lane = async () => {
    for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
      await Promise.all(group.map(pay))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** The same tables and indexes; the statements that write and those that look before, and the hash that an entry needs. */
function openBare(file: string): (rows: readonly PayRow[]) => void {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY')
  migrate(db, readMigrations('books'), undefined)
  const looks = ['till_orders', 'till_cancelled', 'till_sessions', 'till_drafts'].map((table) =>
    db.prepare(`SELECT * FROM ${table} WHERE id = ?`),
  )
  const head = db.prepare('SELECT seq, hash FROM ledger_head')
  const counter = db.prepare('SELECT * FROM till_counters WHERE register = ?')
  const byReference = db.prepare('SELECT id FROM till_orders WHERE reference = ?')
  const addEntry = db.prepare('INSERT INTO ledger VALUES (?, ?, ?, ?, ?)')
  const addSeal = db.prepare('INSERT INTO ledger_seals VALUES (?, ?, ?)')
  const addOrder = db.prepare(
    'INSERT INTO till_orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)',
  )
  const count = db.prepare(
    `INSERT INTO till_counters VALUES (?1, ?2, 0, 0, ?3, 0) ON CONFLICT (register) DO UPDATE SET
       last_number = max(last_number, ?2), grand_total = grand_total + ?3`,
  )
  const addSum = db.prepare(
    `INSERT INTO till_sums VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (dimension, day, register, session, key) DO UPDATE SET
       orders = orders + excluded.orders, quantity_e6 = quantity_e6 + excluded.quantity_e6,
       net = net + excluded.net, tax = tax + excluded.tax, total = total + excluded.total`,
  )
  const addStock = db.prepare(
    `INSERT INTO till_stock VALUES (?, NULL, ?, NULL)
     ON CONFLICT (product) DO UPDATE SET moved_e6 = moved_e6 + excluded.moved_e6`,
  )
  const touch = db.prepare('UPDATE till_sessions SET last_seq = ? WHERE id = ?')
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  let number = 0
  const fileOrder = (row: PayRow): void => {
    for (const look of looks) look.get(row.id)
    counter.get(row.register)
    const { seq: before, hash: last } = head.get() as { seq: number; hash: string }
    const [seq, reference] = [before + 1, `${row.prefix}${++number}`]
    byReference.get(reference)
    const text = JSON.stringify([last, seq, row.at, 'order', row.body])
    addEntry.run(seq, row.at, 'order', row.body, createHash('sha256').update(text).digest('hex'))
    const place = [seq, row.id, row.register, row.session, number, reference, row.table, row.customer]
    addOrder.run(...place, row.label, row.tracking, row.employee, row.total, 0, row.at, 0, row.fingerprint)
    count.run(row.register, number, row.total)
    for (const { dimension, day, register, session, key, ...sum } of row.sums) {
      const { orders, quantityE6, net, tax, total } = sum
      addSum.run(dimension, day, register, session, key, orders, quantityE6, net, tax, total)
    }
    for (const { product, movedE6 } of row.stock) addStock.run(product, movedE6)
    touch.run(seq, row.session)
  }
  return (rows) => {
    begin.run()
    for (const row of rows) fileOrder(row)
    addSeal.run((head.get() as { seq: number }).seq, 'k', 'x'.repeat(88))
    commit.run()
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

if (import.meta.main) for (const row of await run()) console.log(JSON.stringify(row))
