/** The SQL of the books: everything in `books.db`. Runs next to the database. */
import type { DatabaseSync } from 'node:sqlite'
import { accessOperations } from './access.ts'
import { chainHash, chainStart } from './chain.ts'
import { checkpointWhenGrown } from './database.ts'
import { jobOperations } from './jobs.ts'
import type { LedgerEntry, storeLimits } from './store.ts'

/** A device as the columns hold it; absent is null. */
export interface DeviceRecord {
  id: string
  name: string
  class: string
  driver: string
  profile: string
  port: string
  fingerprint: string
  settings: string
  disabled: 0 | 1
  backup: string | null
  createdAt: number
}

/** How far the chain is proved: the next slice starts behind it. */
export interface ChainPosition {
  seq: number
  hash: string
}

export type BookLimits = { readonly [K in keyof typeof storeLimits]: number }

/** Entries proved in one go. */
const verifySliceRows = 1_000

export function bookOperations(db: DatabaseSync, limits: BookLimits) {
  const jobs = jobOperations(db, limits)
  const access = accessOperations(db, limits)
  const devices = deviceOperations(db)
  const ledger = ledgerOperations(db)
  const selectMeta = db.prepare('SELECT value FROM meta WHERE key = ?')
  const upsertMeta = db.prepare(
    'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  return {
    reads: {
      ...jobs.reads,
      ...access.reads,
      ...devices.reads,
      ...ledger.reads,
      'meta.get': (key: string) => selectMeta.get(key)?.value as string | undefined,
    },
    writes: {
      ...jobs.writes,
      ...access.writes,
      ...devices.writes,
      ...ledger.writes,
      'meta.set': (key: string, value: string): void => {
        upsertMeta.run(key, value)
      },
    },
    chores: {
      rest: (): void => checkpointWhenGrown(db),
    },
    closing(): void {},
  }
}

export type BookOperations = ReturnType<typeof bookOperations>

function deviceOperations(db: DatabaseSync) {
  const columns =
    'id, name, class, driver, profile, port, fingerprint, settings_json AS settings, disabled, backup, created_at AS "createdAt"'
  const selectDevices = db.prepare(`SELECT ${columns} FROM devices ORDER BY created_at, id`)
  const replaceDevice = db.prepare('INSERT OR REPLACE INTO devices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const deleteDevice = db.prepare('DELETE FROM devices WHERE id = ?')
  const raiseFence = db.prepare(
    'INSERT INTO fences VALUES (?, 1) ON CONFLICT (device) DO UPDATE SET fence = fence + 1 RETURNING fence',
  )
  return {
    reads: {
      'devices.all': () => selectDevices.all() as unknown as DeviceRecord[],
    },
    writes: {
      'devices.put': (row: DeviceRecord): void => {
        const { id, name, driver, profile, port, fingerprint, settings, disabled, backup, createdAt } = row
        const values = [driver, profile, port, fingerprint, settings, disabled, backup, createdAt]
        replaceDevice.run(id, name, row.class, ...values)
      },
      'devices.delete': (id: string) => deleteDevice.run(id).changes === 1,
      'devices.nextFence': (device: string) => raiseFence.get(device)?.fence as number,
    },
  }
}

function ledgerOperations(db: DatabaseSync) {
  const selectHead = db.prepare('SELECT seq, hash FROM ledger_head')
  const insertEntry = db.prepare('INSERT INTO ledger VALUES (?, ?, ?, ?, ?)')
  const selectAfter = db.prepare(
    'SELECT seq, at, kind, body, hash FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?',
  )
  const after = (seq: number, limit: number) => selectAfter.all(seq, limit) as unknown as LedgerEntry[]
  return {
    reads: {
      'ledger.after': after,
      /** Proves the entries behind `from`: `next` while there are more to prove, `broken` at the first that is wrong. */
      'ledger.verify': (from: ChainPosition = { seq: 0, hash: chainStart }) => {
        let position = from
        const entries = after(from.seq, verifySliceRows)
        for (const entry of entries) {
          const expected = position.seq + 1
          if (entry.seq !== expected || entry.hash !== chainHash(position.hash, entry))
            return { broken: expected }
          position = { seq: entry.seq, hash: entry.hash }
        }
        if (entries.length === verifySliceRows) return { next: position }
        const head = selectHead.get() as unknown as ChainPosition | undefined
        return head?.seq === position.seq && head.hash === position.hash ? {} : { broken: position.seq + 1 }
      },
    },
    writes: {
      'ledger.append': (kind: string, body: string, at: number): LedgerEntry => {
        const head = selectHead.get() as unknown as ChainPosition
        const entry = { seq: head.seq + 1, at, kind, body }
        const hash = chainHash(head.hash, entry)
        insertEntry.run(entry.seq, at, kind, body, hash)
        return { ...entry, hash }
      },
    },
  }
}
