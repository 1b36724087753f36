/** What a register counts for ever: order numbers, sessions, tracking numbers, the grand total. */
import type { DatabaseSync } from 'node:sqlite'

export interface Counters {
  lastNumber: number
  lastSession: number
  lastTracking: number
  grandTotal: number
  /** Cash counted at the last closing, in minor units. */
  lastCounted: number
}

const fresh: Counters = { lastNumber: 0, lastSession: 0, lastTracking: 0, grandTotal: 0, lastCounted: 0 }

export function registerCounters(db: DatabaseSync) {
  const select = db.prepare(
    `SELECT last_number AS "lastNumber", last_session AS "lastSession", last_tracking AS "lastTracking",
       grand_total AS "grandTotal", last_counted AS "lastCounted" FROM till_counters WHERE register = ?`,
  )
  const put = db.prepare(
    `INSERT INTO till_counters VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (register) DO UPDATE SET
       last_number = excluded.last_number, last_session = excluded.last_session, last_tracking = excluded.last_tracking,
       grand_total = excluded.grand_total, last_counted = excluded.last_counted`,
  )
  const addOrder = db.prepare(
    `INSERT INTO till_counters VALUES (?1, ?2, 0, 0, ?3, 0) ON CONFLICT (register) DO UPDATE SET
       last_number = max(last_number, ?2), grand_total = grand_total + ?3`,
  )
  const of = (register: string) => (select.get(register) as unknown as Counters | undefined) ?? fresh
  return {
    of,
    /** Counts a paid order. */
    sold(register: string, number: number, total: number): void {
      addOrder.run(register, number, total)
    },
    set(register: string, change: Partial<Counters>): void {
      const { lastNumber, lastSession, lastTracking, grandTotal, lastCounted } = {
        ...of(register),
        ...change,
      }
      put.run(register, lastNumber, lastSession, lastTracking, grandTotal, lastCounted)
    },
  }
}
