/** Brings a database to the schema of this code: numbered SQL, each file in one transaction with its marker. */
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { HubError } from '../protocol/errors.ts'

export type DatabaseName = 'books' | 'events'

export const migrationsFolder = fileURLToPath(new URL('./migrations/', import.meta.url))

interface Migration {
  version: number
  name: string
  sql: string
  checksum: string
}

const fileName = /^(\d{4})_([a-z]+)\.sql$/

/** The migrations of one database, in order. Their numbers run from 1 without a gap. */
export function readMigrations(database: DatabaseName, folder = migrationsFolder): Migration[] {
  const migrations: Migration[] = []
  for (const name of readdirSync(folder).sort()) {
    const match = fileName.exec(name)
    if (match?.[2] !== database) continue
    const sql = readFileSync(`${folder}/${name}`, 'utf8').replaceAll('\r\n', '\n')
    const version = Number(match[1])
    if (version !== migrations.length + 1) {
      throw new HubError('internal', {
        reason: `migration ${migrations.length + 1} of ${database} is missing`,
      })
    }
    migrations.push({ version, name, sql, checksum: createHash('sha256').update(sql).digest('hex') })
  }
  return migrations
}

export function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0)
}

/**
 * Applies what is missing. An existing database is copied to `<file>.v<its version>` first; `file` is undefined for
 * a database in memory. Throws HubError `store_corrupt` when the database is newer than this code or was made by
 * migrations that have been edited since. Answers how many were applied.
 */
export function migrate(
  db: DatabaseSync,
  migrations: readonly Migration[],
  file: string | undefined,
): number {
  const version = checkSchema(db, migrations, file === undefined ? 'memory' : basename(file))
  const missing = migrations.slice(version)
  if (missing.length > 0 && version > 0 && file !== undefined) keepCopy(db, `${file}.v${version}`)
  return missing.filter((migration) => apply(db, migration)).length
}

/**
 * Answers the version of the schema. Throws HubError `store_corrupt`, which names the file, when the database is newer than
 * this code or was made by migrations that have been edited since.
 */
export function checkSchema(db: DatabaseSync, migrations: readonly Migration[], name: string): number {
  const version = schemaVersion(db)
  if (version > migrations.length) {
    throw new HubError('store_corrupt', {
      file: name,
      reason: `a newer version of the hub wrote it (schema ${version}, this one knows ${migrations.length})`,
    })
  }
  if (version > 0) verifyApplied(db, migrations.slice(0, version), name)
  return version
}

function verifyApplied(db: DatabaseSync, expected: readonly Migration[], file: string): void {
  const rows = db.prepare('SELECT version, checksum FROM migrations ORDER BY version').all()
  const applied = new Map(rows.map((row) => [row.version, row.checksum]))
  for (const migration of expected) {
    if (applied.get(migration.version) !== migration.checksum) {
      throw new HubError('store_corrupt', {
        file,
        reason: `${migration.name} is not the migration that made it`,
      })
    }
  }
}

/** Answers false when another program, opening the same folder just now, was quicker. */
function apply(db: DatabaseSync, migration: Migration): boolean {
  db.exec('BEGIN IMMEDIATE')
  try {
    if (schemaVersion(db) >= migration.version) {
      db.exec('ROLLBACK')
      return false
    }
    db.exec(
      'CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT',
    )
    db.exec(migration.sql)
    db.prepare('INSERT INTO migrations VALUES (?, ?, ?)').run(
      migration.version,
      migration.name,
      migration.checksum,
    )
    db.exec(`PRAGMA user_version = ${migration.version}`)
    db.exec('COMMIT')
    return true
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** The name shows only when all of it is there. */
function keepCopy(db: DatabaseSync, copy: string): void {
  if (existsSync(copy)) return
  const unfinished = `${copy}.part`
  rmSync(unfinished, { force: true })
  copyDatabase(db, unfinished)
  renameSync(unfinished, copy)
  syncFile(dirname(copy))
}

/** Writes the database as it is at one moment to the file `to`, which is made, private and on the disk afterwards. */
export function copyDatabase(db: DatabaseSync, to: string): void {
  // SQLite would make it readable for everybody.
  closeSync(openSync(to, 'wx', 0o600))
  try {
    db.prepare('VACUUM INTO ?').run(to)
    // VACUUM INTO does not sync what it writes (https://www.sqlite.org/lang_vacuum.html).
    syncFile(to)
  } catch (error) {
    rmSync(to, { force: true })
    throw error
  }
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
