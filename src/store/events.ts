/** The SQL of the event log, its bounds, and the rule when a new epoch begins. Runs next to the database. */
import type { DatabaseSync } from 'node:sqlite'
import { HubError } from '../protocol/errors.ts'
import type { JobState } from '../protocol/job.ts'
import { checkpointWhenGrown, setDurability } from './database.ts'
import type { EventRow, storeLimits } from './store.ts'

export type EventLimits = { readonly [K in 'eventsMax' | 'eventAgeMsMax']: (typeof storeLimits)[K] | number }

/** An event as its columns hold it. */
export type EventRecord = Omit<EventRow, 'device'> & { device: string | null }

/** Rows deleted by one step of pruning, for the same reason as with jobs. */
export const pruneStepEvents = 500

export interface LogOpening {
  bootId: string
  /** Becomes the epoch when a new one has to begin. */
  newEpoch: string
}

export interface LogPosition {
  epoch: string
  lastSeq: number
}

/**
 * Takes the log up again. The epoch stays when nothing can have been lost: it was closed cleanly, or the kernel is still
 * the one that took the writes (its page cache outlives a killed process). Otherwise a new one begins; seq goes on.
 */
export function openLog(db: DatabaseSync, { bootId, newEpoch }: LogOpening): LogPosition {
  const log = db.prepare('SELECT epoch, boot_id AS "bootId", closed_cleanly AS "clean" FROM log').get()
  const kept = log !== undefined && (log.clean === 1 || (bootId !== '' && log.bootId === bootId))
  const epoch = kept ? String(log.epoch) : newEpoch
  // Synced, and before the first event: a power cut must not bring the old mark of a clean close back.
  withFullDurability(db, () =>
    db.prepare('INSERT OR REPLACE INTO log VALUES (1, ?, ?, 0)').run(epoch, bootId),
  )
  return { epoch, lastSeq: lastSeqOf(db) }
}

function withFullDurability(db: DatabaseSync, write: () => void): void {
  setDurability(db, 'FULL')
  try {
    write()
  } finally {
    setDurability(db, 'NORMAL')
  }
}

function lastSeqOf(db: DatabaseSync): number {
  return Number(db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM events').get()?.seq)
}

export function eventOperations(db: DatabaseSync, limits: EventLimits) {
  const insertEvent = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?)')
  const selectBounds = db.prepare(
    'SELECT (SELECT min(seq) FROM events) AS "first", coalesce((SELECT max(seq) FROM events), 0) AS "last"',
  )
  const bounds = () => selectBounds.get() as unknown as { first: number | null; last: number }
  const selectAfter = db.prepare(
    'SELECT seq, at, topic, device, data_json AS data FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
  )
  const selectJobs = db.prepare(
    `SELECT data_json ->> '$.id' AS id, data_json ->> '$.state' AS state
     FROM events WHERE topic = 'job.changed' ORDER BY seq DESC LIMIT ?`,
  )
  const selectNewest = db.prepare(
    'SELECT seq, at, topic, device, data_json AS data FROM events WHERE topic = ? ORDER BY seq DESC LIMIT ?',
  )
  const selectOldest = db.prepare('SELECT seq, at FROM events ORDER BY seq LIMIT ?')
  const deleteUpTo = db.prepare('DELETE FROM events WHERE seq <= ?')
  const deleteAll = db.prepare('DELETE FROM events')
  const setEpoch = db.prepare('UPDATE log SET epoch = ?')
  const markClosed = db.prepare('UPDATE log SET closed_cleanly = 1')

  return {
    reads: {
      /** undefined when rows between `seq` and the first kept one are gone. */
      after: (seq: number, limit: number) => {
        const { first, last } = bounds()
        const firstKept = first ?? last + 1
        if (seq < firstKept - 1) return undefined
        return selectAfter.all(seq, limit) as unknown as EventRecord[]
      },
      /** Newest first, one row an event. */
      newest: (topic: string, limit: number) => selectNewest.all(topic, limit) as unknown as EventRecord[],
      /** Newest first, one row an event. */
      jobStates: (limit: number) => selectJobs.all(limit) as unknown as { id: string; state: JobState }[],
    },
    writes: {
      append: (rows: readonly EventRecord[]): void => {
        let last = bounds().last
        for (const { seq } of rows) {
          if (seq !== last + 1) {
            throw new HubError('store_unavailable', { reason: `event ${seq} does not follow event ${last}` })
          }
          last = seq
        }
        for (const { seq, at, topic, device, data } of rows) insertEvent.run(seq, at, topic, device, data)
      },
      /** The rows come with the epoch: an empty log would lose its number at the next opening. */
      restart: (epoch: string, rows: readonly EventRecord[]): void => {
        deleteAll.run()
        setEpoch.run(epoch)
        for (const { seq, at, topic, device, data } of rows) insertEvent.run(seq, at, topic, device, data)
      },
    },
    chores: {
      /** One step. Answers true when there is more to drop. The newest event stays: it holds the number. */
      prune: (now: number): boolean => {
        const { first, last } = bounds()
        if (first === null) return false
        const oldest = selectOldest.all(pruneStepEvents) as unknown as { seq: number; at: number }[]
        const firstYoung =
          oldest.find(({ at }) => at >= now - limits.eventAgeMsMax)?.seq ?? Number.MAX_SAFE_INTEGER
        const firstKept = Math.min(Math.max(firstYoung, last - limits.eventsMax + 1), last)
        const dropUpTo = Math.min(firstKept - 1, first + pruneStepEvents - 1)
        if (dropUpTo < first) return false
        deleteUpTo.run(dropUpTo)
        return dropUpTo < firstKept - 1
      },
      rest: (): void => checkpointWhenGrown(db),
    },
    closing(): void {
      withFullDurability(db, () => markClosed.run())
    },
  }
}

export type EventOperations = ReturnType<typeof eventOperations>
