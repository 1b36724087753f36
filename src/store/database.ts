/** Opens one SQLite file safely: private, checked, migrated, and with the durability it is meant to have. */
import { chmodSync, closeSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { HubError } from '../protocol/errors.ts'
import { storeFailure } from './failures.ts'
import { checkSchema, type DatabaseName, migrate, readMigrations } from './migrations.ts'

export type Durability = 'FULL' | 'NORMAL'

export interface DatabaseOptions {
  name: DatabaseName
  /** Path of the file, or `:memory:`. */
  file: string
  durability: Durability
}

export const databaseLimits = {
  /** How long a commit waits for another process (the command line) that holds the database. */
  busyMs: 5_000,
  /** A larger file is checked at opening without the payloads of its jobs, so that a start stays quick. */
  fullCheckBytesMax: 64 * 1024 * 1024,
  /** The WAL keeps this size between checkpoints, so that a commit overwrites blocks instead of allocating them. */
  walBytesKept: 16 * 1024 * 1024,
  /** Backstop only, in pages of 4 KiB: checkpoints are made when idle, well before. */
  walPagesMax: 4_000,
} as const

const inMemory = ':memory:'
const synchronousNumber = { NORMAL: 1, FULL: 2 } as const satisfies Record<Durability, number>

/** Throws HubError `store_unavailable` (no space, no access) or `store_corrupt` (damaged, or newer than this code). */
export function openDatabase({ name, file, durability }: DatabaseOptions): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    if (file !== inMemory) createPrivately(file)
    db = new DatabaseSync(file)
    configure(db)
    setDurability(db, durability)
    if (file !== inMemory) check(db, file)
    migrate(db, readMigrations(name), file === inMemory ? undefined : file)
    return db
  } catch (error) {
    db?.close()
    throw storeFailure(error, file)
  }
}

/**
 * Opens a file that is there, beside whoever writes it; changes nothing in it. Throws HubError `store_unavailable`, or
 * `store_corrupt` when it is damaged, or of another version than this code.
 */
export function openForReading(name: DatabaseName, file: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: databaseLimits.busyMs })
    db.exec('PRAGMA trusted_schema = OFF')
    db.exec('PRAGMA temp_store = MEMORY')
    const migrations = readMigrations(name)
    const version = checkSchema(db, migrations, basename(file))
    if (version < migrations.length) {
      const reason = `an older version of the hub wrote it (schema ${version}, this one needs ${migrations.length}); start the hub once`
      throw new HubError('store_corrupt', { file: basename(file), reason })
    }
    return db
  } catch (error) {
    db?.close()
    throw storeFailure(error, file)
  }
}

/** Sets how far a commit reaches, and makes sure that it was understood: SQLite ignores a pragma that it does not know. */
export function setDurability(db: DatabaseSync, durability: Durability): void {
  db.exec(`PRAGMA synchronous = ${durability}`)
  const actual = db.prepare('PRAGMA synchronous').get()?.synchronous
  if (actual !== synchronousNumber[durability]) {
    throw new HubError('internal', { reason: `synchronous is ${String(actual)}, not ${durability}` })
  }
}

/** Moves a damaged database and its side files out of the way, to `<file>.bad`. One is kept. */
export function moveAside(file: string): void {
  try {
    for (const side of ['', '-wal', '-shm']) rmSync(`${file}.bad${side}`, { force: true })
    for (const side of ['', '-wal', '-shm']) {
      if (statSync(`${file}${side}`, { throwIfNoEntry: false }) !== undefined) {
        renameSync(`${file}${side}`, `${file}.bad${side}`)
      }
    }
  } catch (error) {
    throw storeFailure(error, file)
  }
}

/** SQLite's side files take over the mode of the main file. */
function createPrivately(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
}

function configure(db: DatabaseSync): void {
  db.exec(`PRAGMA busy_timeout = ${databaseLimits.busyMs}`)
  db.exec('PRAGMA trusted_schema = OFF')
  db.exec('PRAGMA cell_size_check = ON')
  db.exec('PRAGMA foreign_keys = ON')
  db.exec('PRAGMA temp_store = MEMORY')
  const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode
  if (mode !== 'wal' && mode !== 'memory') {
    throw new HubError('store_unavailable', { reason: `the file system allows no WAL (${String(mode)})` })
  }
  db.exec(`PRAGMA journal_size_limit = ${databaseLimits.walBytesKept}`)
  db.exec(`PRAGMA wal_autocheckpoint = ${databaseLimits.walPagesMax}`)
}

/** Bounded in time: by size, the payloads of jobs are most of a large file and the least of its worth. */
function check(db: DatabaseSync, file: string): void {
  const whole = statSync(file).size <= databaseLimits.fullCheckBytesMax
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  for (const { name } of tables) {
    if (!whole && name === 'job_payloads') continue
    const quoted = `"${String(name).replaceAll('"', '""')}"`
    const findings = db.prepare(`PRAGMA quick_check(${quoted})`).all()
    const finding = findings.map((row) => String(row.quick_check)).find((text) => text !== 'ok')
    if (finding !== undefined) throw new HubError('store_corrupt', { file: basename(file), reason: finding })
  }
}

const checkpointPagesMin = 1_000

/**
 * Moves the WAL into the database when it has grown, without waiting for anybody. Fewer pages are left where they are:
 * each checkpoint writes and syncs, and a card has only so many writes.
 */
export function checkpointWhenGrown(db: DatabaseSync, pagesMin = checkpointPagesMin): void {
  // NOOP tells the size and does nothing; SQLite before 3.51 takes it for PASSIVE, which is right too.
  const pages = Number(db.prepare('PRAGMA wal_checkpoint(NOOP)').get()?.log ?? 0)
  if (pages >= pagesMin) db.prepare('PRAGMA wal_checkpoint(PASSIVE)').get()
}
