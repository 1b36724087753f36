/** The guard of the schema: what boxes in the field hold is never taken from them by an edit. */
import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import {
  readRetired,
  readSnapshot,
  type Schema,
  schemaOfMigrations,
  violations,
} from '../../scripts/schema-snapshot.ts'
import { testFolder } from './support/folder.ts'

describe('the schema', () => {
  it('[ST19] is the one agreed in schema.snap.json; after an addition run node scripts/schema-snapshot.ts', () => {
    const made = schemaOfMigrations()
    expect(made).toEqual(readSnapshot())
    expect(violations(readSnapshot(), made, readRetired())).toEqual([])
    expect(Object.keys(made).length).toBeGreaterThan(60)
  })

  const base = { '0001_books.sql': 'CREATE TABLE jobs (id TEXT PRIMARY KEY, note TEXT)' }
  async function made(files: Record<string, string>): Promise<Schema> {
    const folder = await testFolder()
    for (const [name, sql] of Object.entries(files)) await writeFile(`${folder}/${name}`, sql)
    return schemaOfMigrations(folder)
  }

  it.each([
    ['a new column', 'ALTER TABLE jobs ADD COLUMN more TEXT', [], []],
    ['a new table and index', 'CREATE TABLE b (x TEXT); CREATE INDEX i ON b (x)', [], []],
    ['a column removed', 'ALTER TABLE jobs DROP COLUMN note', [], ['books.jobs.note is gone']],
    ['a column removed and retired', 'ALTER TABLE jobs DROP COLUMN note', ['books.jobs.note'], []],
    [
      'a retired name that is back',
      'SELECT 1',
      ['books.jobs.note'],
      ['books.jobs.note is retired and has come back'],
    ],
    [
      'a column of another type',
      'DROP TABLE jobs; CREATE TABLE jobs (id TEXT PRIMARY KEY, note INTEGER)',
      [],
      ['books.jobs.note was «TEXT» and is «INTEGER»'],
    ],
  ])('[ST19] %s', async (_, sql, retired, expected) => {
    expect(violations(await made(base), await made({ ...base, '0002_books.sql': sql }), retired)).toEqual(
      expected,
    )
  })

  it('[ST19] an edited migration, even where no column shows it', async () => {
    const edited = {
      '0001_books.sql': 'CREATE TABLE jobs (id TEXT PRIMARY KEY, note TEXT CHECK (note <> 0))',
    }
    const found = violations(await made(base), await made(edited), [])
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^migration 0001_books.sql was /)
  })
})
