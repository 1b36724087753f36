/**
 * The schema as the migrations make it, beside the schema as it was agreed: `node scripts/schema-snapshot.ts` writes
 * additions to src/store/schema.snap.json and refuses everything that would take something from a box in the field.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { type DatabaseName, migrate, readMigrations } from '../src/store/migrations.ts'

/** Each thing of the schema with its definition: `books.jobs.device` → `TEXT NOT NULL`. */
export type Schema = Readonly<Record<string, string>>

export const snapshotFile = new URL('../src/store/schema.snap.json', import.meta.url)
/** Names (`books.jobs.note`) that a migration has removed on purpose. They never come back with another meaning. */
export const retiredFile = new URL('../src/store/retired-names.json', import.meta.url)

const databases: readonly DatabaseName[] = ['books', 'events']

/** The schema that the migrations of this code make. `folder` holds them. */
export function schemaOfMigrations(folder?: string): Schema {
  const schema: Record<string, string> = {}
  for (const database of databases) {
    const migrations = readMigrations(database, folder)
    for (const { name, checksum } of migrations) schema[`migration ${name}`] = checksum
    const db = new DatabaseSync(':memory:')
    migrate(db, migrations, undefined)
    Object.assign(schema, schemaOf(db, database))
    db.close()
  }
  return Object.fromEntries(Object.entries(schema).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function schemaOf(db: DatabaseSync, database: DatabaseName): Record<string, string> {
  const schema: Record<string, string> = {}
  const parts = db.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").all()
  for (const { type, name, sql } of parts) {
    const definition = String(sql).replace(/\s+/g, ' ')
    if (type !== 'table') schema[`${String(type)} ${database}.${String(name)}`] = definition
    else
      for (const [column, kind] of columnsOf(db, String(name)))
        schema[`${database}.${String(name)}.${column}`] = kind
  }
  return schema
}

function columnsOf(db: DatabaseSync, table: string): [column: string, kind: string][] {
  return db
    .prepare(`PRAGMA table_xinfo("${table}")`)
    .all()
    .map(({ name, type, notnull, dflt_value, pk }) => {
      const parts = [
        type,
        notnull === 1 && 'NOT NULL',
        dflt_value !== null && `DEFAULT ${dflt_value}`,
        pk !== 0 && `KEY ${pk}`,
      ]
      return [String(name), parts.filter((part) => part !== false).join(' ')]
    })
}

/**
 * What must not become the new snapshot: columns, triggers and migrations that are gone or changed (a removal is allowed
 * once the name is retired), and retired names that have come back. Indexes hold no data and may change.
 */
export function violations(agreed: Schema, made: Schema, retired: readonly string[]): string[] {
  const found: string[] = []
  for (const [name, definition] of Object.entries(agreed)) {
    if (name.startsWith('index ')) continue
    const now = made[name]
    if (now === undefined && !retired.includes(name)) found.push(`${name} is gone`)
    if (now !== undefined && now !== definition) found.push(`${name} was «${definition}» and is «${now}»`)
  }
  for (const name of retired) if (name in made) found.push(`${name} is retired and has come back`)
  return found
}

export const readSnapshot = (): Schema => JSON.parse(readFileSync(snapshotFile, 'utf8')) as Schema
export const readRetired = (): string[] => JSON.parse(readFileSync(retiredFile, 'utf8')) as string[]

if (import.meta.main) {
  const made = schemaOfMigrations()
  const wrong = violations(readSnapshot(), made, readRetired())
  if (wrong.length > 0) {
    console.error(`The schema only grows. Not written:\n${wrong.map((line) => `- ${line}`).join('\n')}`)
    process.exitCode = 1
  } else {
    writeFileSync(snapshotFile, `${JSON.stringify(made, undefined, 2)}\n`)
    console.log(`${Object.keys(made).length} names in the schema`)
  }
}
