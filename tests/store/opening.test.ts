/** Opening: damaged files, newer files, migrations, and the epoch of the event log. */
import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HubError } from '../../src/protocol/errors.ts'
import { databaseLimits, openDatabase, setDurability } from '../../src/store/database.ts'
import { migrate, migrationsFolder, readMigrations, schemaVersion } from '../../src/store/migrations.ts'
import { openEventLog, openStore } from '../../src/store/open.ts'
import { codeOf } from '../contracts/store.ts'
import { testFolder } from './support/folder.ts'
import { eventRows, jobRow } from './support/rows.ts'

const places = [{ inline: false }, { inline: true }]

async function folderWithJob(): Promise<string> {
  const dir = await testFolder()
  const store = await openStore({ dir, inline: true })
  for (let index = 0; index < 200; index++) await store.jobs.insert(jobRow(`j${index}`))
  await store.close()
  return dir
}

async function errorOf(work: Promise<unknown>): Promise<HubError> {
  const error = await work.catch((reason: unknown) => reason)
  if (!(error instanceof HubError)) throw new TypeError(`no HubError: ${String(error)}`)
  return error
}

function damages(): [name: string, damage: (file: string) => Promise<void>][] {
  return [
    [
      'text instead of a database',
      (file) => writeFile(file, 'not a database at all, but long enough to be read as one'.repeat(20)),
    ],
    ['a cut-off file', (file) => truncate(file, 8_192)],
    [
      'a page of noise',
      async (file) => {
        const bytes = await readFile(file)
        bytes.fill(0xa5, bytes.length - 3 * 4_096, bytes.length - 2 * 4_096)
        await writeFile(file, bytes)
      },
    ],
  ]
}

describe('two programs', () => {
  it('[ST18] may migrate a new database at the same time', async () => {
    const file = `${await testFolder()}/books.db`
    const migrations = readMigrations('books')
    class OvertakenDatabase extends DatabaseSync {
      override exec(sql: string): void {
        // The other one is done between this one's look at the version and its first transaction.
        if (sql === 'BEGIN IMMEDIATE') openDatabase({ name: 'books', file, durability: 'FULL' }).close()
        super.exec(sql)
      }
    }
    const db = new OvertakenDatabase(file)
    onTestFinished(() => db.close())
    expect(migrate(db, migrations, file)).toBe(0)
    expect(schemaVersion(db)).toBe(migrations.length)
    expect(db.isTransaction).toBe(false)
  })
})

describe('books.db', () => {
  for (const [name, damage] of damages()) {
    for (const place of places) {
      it(`[ST16] ${name} is reported and left as it is, ${place.inline ? 'inline' : 'in the worker'}`, async () => {
        const dir = await folderWithJob()
        await damage(`${dir}/books.db`)
        const before = await readFile(`${dir}/books.db`)
        const heard: string[] = []
        const error = await errorOf(openStore({ dir, ...place, onFailure: ({ code }) => heard.push(code) }))
        expect(error.code).toBe('store_corrupt')
        expect(heard).toEqual([])
        expect(error.context.file).toBe('books.db')
        expect(await readFile(`${dir}/books.db`)).toEqual(before)
      })
    }
  }

  it('[ST16] a folder that cannot be made is store_unavailable', async () => {
    const dir = await testFolder()
    await writeFile(`${dir}/file`, '')
    expect(await codeOf(openStore({ dir: `${dir}/file/data` }))).toBe('store_unavailable')
    expect(await codeOf(openStore({ dir: `${dir}/file/data`, inline: true }))).toBe('store_unavailable')
  })

  it('[ST17] refuses a database of a newer version and leaves it as it is', async () => {
    const dir = await folderWithJob()
    const db = new DatabaseSync(`${dir}/books.db`)
    db.exec('PRAGMA user_version = 99')
    db.close()
    const error = await errorOf(openStore({ dir }))
    expect(error.code).toBe('store_corrupt')
    expect(error.message).toContain('newer version')
  })
})

it('[ST1] commits of the books are synced, and what SQLite can check is checked', async () => {
  const dir = await testFolder()
  for (const [name, durability, synchronous] of [
    ['books', 'FULL', 2],
    ['events', 'NORMAL', 1],
  ] as const) {
    const db = openDatabase({ name, file: `${dir}/${name}.db`, durability })
    const pragma = (setting: string) => Object.values(db.prepare(`PRAGMA ${setting}`).get() ?? {})[0]
    const settings = [
      'synchronous',
      'journal_mode',
      'foreign_keys',
      'trusted_schema',
      'cell_size_check',
      'busy_timeout',
    ]
    expect(settings.map(pragma)).toEqual([synchronous, 'wal', 1, 0, 1, databaseLimits.busyMs])
    expect(() => setDurability(db, 'ODD' as 'FULL')).toThrow(HubError)
    db.close()
  }
})

describe('migrations', () => {
  async function folderOf(files: Record<string, string>): Promise<string> {
    const folder = await testFolder()
    for (const [name, sql] of Object.entries(files)) await writeFile(`${folder}/${name}`, sql)
    return folder
  }
  async function database(): Promise<{ db: DatabaseSync; file: string }> {
    const file = `${await testFolder()}/books.db`
    const db = new DatabaseSync(file)
    onTestFinished(() => db.close())
    return { db, file }
  }
  const first = { '0001_books.sql': 'CREATE TABLE a (x TEXT) STRICT; INSERT INTO a VALUES (1);' }
  const second = { ...first, '0002_books.sql': 'ALTER TABLE a ADD COLUMN y TEXT;' }

  it('[ST18] applies what is missing, once, and keeps a private copy of what was there', async () => {
    const { db, file } = await database()
    expect(migrate(db, readMigrations('books', await folderOf(first)), file)).toBe(1)
    const both = readMigrations('books', await folderOf(second))
    expect(migrate(db, both, file)).toBe(1)
    expect(migrate(db, both, file)).toBe(0)
    expect(schemaVersion(db)).toBe(2)
    expect(db.prepare('SELECT version, name FROM migrations').all()).toHaveLength(2)
    const copy = new DatabaseSync(`${file}.v1`)
    expect(copy.prepare('SELECT * FROM a').all()).toEqual([{ __proto__: null, x: '1' }])
    copy.close()
    expect((await stat(`${file}.v1`)).mode & 0o777).toBe(0o600)
    expect(
      (await readdir(file.slice(0, -'/books.db'.length))).filter((name) => name.endsWith('.part')),
    ).toEqual([])
  })

  it('[ST18] a migration that fails leaves neither its half nor its marker', async () => {
    const { db, file } = await database()
    migrate(db, readMigrations('books', await folderOf(first)), file)
    const broken = { ...first, '0002_books.sql': 'CREATE TABLE b (x TEXT); INSERT INTO nowhere VALUES (1);' }
    const migrations = readMigrations('books', await folderOf(broken))
    expect(() => migrate(db, migrations, file)).toThrow('nowhere')
    expect(schemaVersion(db)).toBe(1)
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'b'").all()).toEqual([])
    expect(migrate(db, readMigrations('books', await folderOf(second)), file)).toBe(1)
  })

  it('[ST17] an old migration that was edited is an error; line ends do not matter', async () => {
    const { db, file } = await database()
    migrate(db, readMigrations('books', await folderOf(first)), file)
    const windows = { '0001_books.sql': `${first['0001_books.sql']}`.replaceAll('\n', '\r\n') }
    expect(migrate(db, readMigrations('books', await folderOf(windows)), file)).toBe(0)
    const edited = { '0001_books.sql': `${first['0001_books.sql']} -- changed` }
    const migrations = readMigrations('books', await folderOf(edited))
    expect(() => migrate(db, migrations, file)).toThrow('0001_books.sql is not the migration that made it')
  })

  it('[ST17] numbers without a gap, each database its own', async () => {
    const folder = await folderOf({
      '0001_books.sql': 'SELECT 1',
      '0003_books.sql': 'SELECT 1',
      '0001_events.sql': '',
    })
    expect(() => readMigrations('books', folder)).toThrow(HubError)
    expect(readMigrations('events', folder)).toHaveLength(1)
  })

  it('[ST17] the shipped ones are all taken', async () => {
    const files = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql'))
    expect(readMigrations('books').length + readMigrations('events').length).toBe(files.length)
    expect(files.length).toBeGreaterThanOrEqual(2)
  })
})

describe('the epoch', () => {
  let made = 0
  const openLog = (dir: string, bootId: string, onFailure?: (error: HubError) => void) =>
    openEventLog({
      dir,
      inline: true,
      bootId,
      newId: () => `epoch-${++made}`,
      now: () => 0,
      ...(onFailure && { onFailure }),
    })

  /** What a kernel finds when the process is gone: the files as they are, without the shared memory. */
  async function crashed(dir: string): Promise<string> {
    const image = await testFolder()
    for (const file of ['events.db', 'events.db-wal']) await copyFile(`${dir}/${file}`, `${image}/${file}`)
    return image
  }

  it('[ST21] stays over a clean close, also when the box has booted since', async () => {
    const dir = await testFolder()
    const first = await openLog(dir, 'boot-1')
    await first.append(eventRows(1, 3))
    await first.close()
    const second = await openLog(dir, 'boot-2')
    expect([second.epoch, second.lastSeq]).toEqual([first.epoch, 3])
    await second.close()
  })

  it('[ST21] stays over kill -9 under the same kernel', async () => {
    const dir = await testFolder()
    const first = await openLog(dir, 'boot-1')
    await first.append(eventRows(1, 3))
    const image = await crashed(dir)
    await first.close()
    const second = await openLog(image, 'boot-1')
    expect([second.epoch, second.lastSeq]).toEqual([first.epoch, 3])
    await second.close()
  })

  for (const bootId of ['boot-2', '']) {
    it(`[ST21] is new after an unclean end under another kernel ("${bootId}"); the numbers go on`, async () => {
      const dir = await testFolder()
      const first = await openLog(dir, bootId === '' ? '' : 'boot-1')
      await first.append(eventRows(1, 3))
      const image = await crashed(dir)
      await first.close()
      const second = await openLog(image, bootId)
      expect([second.epoch === first.epoch, second.lastSeq]).toEqual([false, 3])
      await second.append(eventRows(4, 4))
      expect(await second.after(2, 10)).toHaveLength(2)
      await second.close()
    })
  }

  it('[ST21] a clean close counts once: a crash after the next start is not taken for clean', async () => {
    const dir = await testFolder()
    await (await openLog(dir, 'boot-1')).close()
    const second = await openLog(dir, 'boot-2')
    const image = await crashed(dir)
    await second.close()
    const third = await openLog(image, 'boot-3')
    expect(third.epoch).not.toBe(second.epoch)
    await third.close()
  })

  for (const [name, damage] of damages()) {
    for (const place of places) {
      it(`[ST24] ${name}: set aside, begun anew, and said, ${place.inline ? 'inline' : 'in the worker'}`, async () => {
        const dir = await testFolder()
        const first = await openLog(dir, 'boot-1')
        await first.append(eventRows(1, 2_000))
        await first.close()
        await damage(`${dir}/events.db`)
        const damaged = await readFile(`${dir}/events.db`)
        const said: string[] = []
        const options = { dir, bootId: 'boot-1', newId: () => 'fresh', now: () => 0, ...place }
        const second = await openEventLog({ ...options, onFailure: ({ code }) => said.push(code) })
        expect([second.epoch, second.lastSeq, said]).toEqual(['fresh', 0, ['store_corrupt']])
        await second.append(eventRows(1, 1))
        await second.close()
        expect(await readFile(`${dir}/events.db.bad`)).toEqual(damaged)
      })
    }
  }

  it('[ST24] a log of a newer version is set aside too: the hub starts', async () => {
    const dir = await testFolder()
    await (await openLog(dir, 'boot-1')).close()
    const db = new DatabaseSync(`${dir}/events.db`)
    db.exec('PRAGMA user_version = 99')
    db.close()
    const log = await openLog(dir, 'boot-1')
    expect(log.lastSeq).toBe(0)
    await log.close()
    expect(await readdir(dir)).toContain('events.db.bad')
  })
})
