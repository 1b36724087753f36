/** The SQL of the books: everything in `books.db`. Runs next to the database. */
import type { DatabaseSync } from 'node:sqlite'
import { accessOperations } from './access.ts'
import { checkpointWhenGrown } from './database.ts'
import type { Handle } from './handle.ts'
import { jobOperations } from './jobs.ts'
import { ledgerOperations } from './ledger.ts'
import type { storeLimits } from './store.ts'
import { tillOperations } from './till/till-store.ts'

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

export type BookLimits = { readonly [K in keyof typeof storeLimits]: number }

/** `keyFile` holds the key that signs the ledger; undefined for books in memory. */
export function bookOperations(db: DatabaseSync, limits: BookLimits, keyFile: string | undefined) {
  const jobs = jobOperations(db, limits)
  const access = accessOperations(db, limits)
  const devices = deviceOperations(db)
  const ledger = ledgerOperations(db, keyFile)
  const till = tillOperations(db, limits, ledger.append)
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
      ...till.reads,
      'meta.get': (key: string) => selectMeta.get(key)?.value as string | undefined,
    },
    writes: {
      ...jobs.writes,
      ...access.writes,
      ...devices.writes,
      ...ledger.writes,
      ...till.writes,
      'meta.set': (key: string, value: string): void => {
        upsertMeta.run(key, value)
      },
    },
    chores: {
      rest: (): void => checkpointWhenGrown(db),
    },
    committing: ledger.committing,
    closing(): void {},
  }
}

export type BookOperations = ReturnType<typeof bookOperations>
/** What each part of the store is made over. */
export type Books = Handle<BookOperations>

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
