/** Backups: whole, sealed, put in place whatever happens in between. Rules of docs/care.md. */

import { spawnSync } from 'node:child_process'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Audit } from '../../src/hub/access/audit.ts'
import { Backups, type BackupTools, takeUpload } from '../../src/hub/care/backups.ts'
import { isBackedUp, runPacking } from '../../src/hub/care/pack.ts'
import { tellRestored } from '../../src/hub/care/restore-note.ts'
import { restoreStep } from '../../src/hub/care/restore-steps.ts'
import { seal, sealLimits, unseal } from '../../src/hub/care/seal.ts'
import { readTar, tarName, writeTar } from '../../src/hub/care/tar.ts'
import { dropWork } from '../../src/hub/care/work-folder.ts'
import { createLog } from '../../src/hub/log.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { checkBooks, copyBooks } from '../../src/store/copy.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { TestClock } from '../support/clock.ts'
import { codeOf } from '../support/hub-bench.ts'

const passphrase = 'correct horse battery'
const by = { who: 'Olga', role: 'owner', from: '192.0.2.7' } as const
const at = Date.UTC(2026, 10, 23, 19, 11)

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-backup-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

function toolsOn(data: string): BackupTools {
  return {
    box: {
      data,
      configFile: join(data, 'tillbridge.toml'),
      copyBooks: (to) => copyBooks(data, to),
      checkBooks,
    },
    version: '1.2.3',
    clock: { now: () => at },
    hub: () => 'hub-1',
    config: { hub: { name: 'Café Größe' } },
  }
}

/** A box with something in each part of it; its books are open. */
async function box(): Promise<{ data: string; store: Store; backups: Backups }> {
  const data = folder()
  const store = await openStore({ dir: data })
  onTestFinished(() => store.close())
  await store.setMeta('hub', 'hub-1')
  await store.access.insertToken({ id: 't1', name: 'Till 1', role: 'cashier', hash: 'h1', createdAt: 1 })
  writeFileSync(join(data, 'tillbridge.toml'), '# mine\n[hub]\nname = "A"\n')
  mkdirSync(join(data, 'tls', 'acme'), { recursive: true })
  writeFileSync(join(data, 'tls', 'authority.pem'), 'THE KEY OF THE ROOT')
  writeFileSync(join(data, 'tls', 'acme', 'account.pem'), 'account')
  mkdirSync(join(data, 'display'))
  writeFileSync(join(data, 'display', 'Frühstück 日本.png'), Buffer.alloc(200_000, 7))
  writeFileSync(join(data, 'display', `${'long'.repeat(40)}.png`), 'does not fit into an archive')
  return { data, store, backups: new Backups(toolsOn(data)) }
}

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length)
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const piece of source) parts.push(piece)
  return Buffer.concat(parts)
}

/** Everything that is in a folder, by name; of the books what matters. */
function contents(data: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const entry of readdirSync(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    found[file.slice(data.length + 1)] = readFileSync(file).toString('latin1').slice(0, 60)
  }
  return found
}

describe('the archive', () => {
  it('[C10] is read by tar itself, and reads what tar wrote', async () => {
    const dir = folder()
    const names = ['a.txt', `${'p'.repeat(120)}/${'n'.repeat(90)}`, 'ü/leer']
    const entries = names.map((name, index) => {
      const bytes = Buffer.alloc(index * 700 + (index === 2 ? -1_400 : 0), name)
      return { name, size: bytes.length, content: [bytes] }
    })
    writeFileSync(join(dir, 'ours.tar'), await collect(writeTar(entries, at)))
    const listed = spawnSync('tar', ['--quoting-style=literal', '-tvf', join(dir, 'ours.tar')], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    })
    expect(listed.stderr).toBe('')
    for (const { name, size } of entries)
      expect(listed.stdout).toMatch(new RegExp(`-rw------- 0/0 +${size} 2026-11-23 19:11 ${name}\n`))
    writeFileSync(join(dir, 'x'), 'theirs')
    expect(spawnSync('tar', ['--format=ustar', '-C', dir, '-cf', join(dir, 'theirs.tar'), 'x']).status).toBe(
      0,
    )
    const read: string[] = []
    for await (const { name, size, content } of readTar(pieces(readFileSync(join(dir, 'theirs.tar')), 333)))
      read.push(name, String(size), (await collect(content as AsyncIterable<Uint8Array>)).toString())
    expect(read).toEqual(['x', '6', 'theirs'])
    expect([tarName('n'.repeat(100)), tarName('n'.repeat(101))]).toEqual([
      { prefix: '', name: 'n'.repeat(100) },
      undefined,
    ])
  })

  it.each([
    ['books.db', true],
    ['tls/authority.pem', true],
    ['display/a/b/c.png', true],
    ['pictures/rye.webp', true],
    ['pictures', false],
    ['display/a/b/c/d.png', false],
    ['display/Frühstück 日本.png', true],
    ['tls', false],
    ['books.db/x', false],
    ['../books.db', false],
    ['display/../../x', false],
    ['/books.db', false],
    ['display//x', false],
    ['display/a\\b', false],
    ['display/a\nb', false],
    ['display/.', false],
    ['run.json', false],
    ['', false],
    [`display/${'x'.repeat(255)}`, true],
    [`display/${'x'.repeat(256)}`, false],
  ])('[C11] %j may be in a backup: %s', (path, may) => {
    expect(isBackedUp(path)).toBe(may)
  })
})

describe('the seal', () => {
  const { pieceBytes } = sealLimits
  const sealed = (bytes: Uint8Array) => collect(seal(pieces(bytes, 10_000), passphrase))
  const opened = (bytes: Uint8Array, by = passphrase) => collect(unseal(pieces(bytes, 7_777), by))

  it('[C10] gives back what went in, at the edges of a piece too', async () => {
    for (const length of [0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 2 * pieceBytes]) {
      const bytes = Buffer.alloc(length, 'what was sold')
      const file = await sealed(bytes)
      expect(file.includes('what was sold'), `${length}`).toBe(false)
      expect((await opened(file)).equals(bytes), `${length}`).toBe(true)
    }
  })

  it('[C11] notices each change', { timeout: 60_000 }, async () => {
    const bytes = Buffer.alloc(3 * pieceBytes, 'x')
    const file = await sealed(bytes)
    const head = 76
    const piece = pieceBytes + 16
    const part = (number: number) => file.subarray(head + number * piece, head + (number + 1) * piece)
    const header = file.subarray(0, head)
    const changed: Record<string, Buffer> = {
      swapped: Buffer.concat([header, part(1), part(0), part(2)]),
      'without the middle': Buffer.concat([header, part(0), part(2)]),
      'without the end': Buffer.concat([header, part(0), part(1)]),
      doubled: Buffer.concat([header, part(0), part(1), part(2), part(2)]),
      'cut off in a piece': file.subarray(0, file.length - 1),
      'header only': header,
      'half a header': file.subarray(0, 30),
      'more behind it': Buffer.concat([file, Buffer.from('x')]),
      empty: Buffer.alloc(0),
      foreign: Buffer.from(
        'PK\u0003\u0004 something else entirely, and long enough for a header of ours to fit in',
      ),
    }
    for (const [what, damaged] of Object.entries(changed))
      expect(await codeOf(opened(damaged)), what).toBe('backup_invalid')
    const flipped = (place: number) => {
      const copy = Buffer.from(file)
      copy[place] = (copy[place] ?? 0) ^ 1
      return copy
    }
    // Of the header: its sum tells damage from a wrong passphrase. The seal of the header itself cannot.
    for (let place = 0; place < 44; place += 3)
      expect(await codeOf(opened(flipped(place))), `byte ${place}`).toBe('backup_invalid')
    expect(await codeOf(opened(flipped(50)))).toBe('backup_passphrase')
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: head, max: file.length - 1 }), async (place) => {
        expect(await codeOf(opened(flipped(place)))).toBe('backup_invalid')
      }),
      { numRuns: 4 },
    )
    expect(await codeOf(opened(file, `${passphrase}.`))).toBe('backup_passphrase')
    // The same letters, composed in another way.
    const umlaut = await collect(seal(pieces(Buffer.from('a'), 1), 'Grüße an alle'.normalize('NFD')))
    expect((await opened(umlaut, 'Grüße an alle'.normalize('NFC'))).toString()).toBe('a')
  })
})

describe('a backup', () => {
  it('[C10] has all parts of the box, while it works, and opens for nobody else', {
    timeout: 30_000,
  }, async () => {
    const { data, store, backups } = await box()
    let writing = true
    const writer = (async () => {
      for (let number = 0; writing; number++) await store.ledger.append('sale', { number }, number)
    })()
    const file = await backups.make(passphrase)
    writing = false
    await writer
    expect(file.name).toBe('tillbridge-cafe-gro-e-2026-11-23-1911.tbk')
    const sealed = readFileSync(file.path)
    for (const secret of ['SQLite format', 'THE KEY OF THE ROOT', 'authority'])
      expect(sealed.includes(secret)).toBe(false)
    const to = join(folder(), 'opened')
    const manifest = await runPacking({ file: file.path, passphrase, to })
    expect(manifest).toMatchObject({
      version: '1.2.3',
      hub: 'hub-1',
      name: 'Café Größe',
      at: '2026-11-23T19:11:00.000Z',
    })
    expect(Object.keys(contents(to)).sort()).toEqual(
      [
        'books.db',
        'ledger.key',
        'display/Frühstück 日本.png',
        'tillbridge.toml',
        'tls/acme/account.pem',
        'tls/authority.pem',
      ].sort(),
    )
    const copy = await openStore({ dir: to, inline: true })
    // Whole at one moment: an entry that is there is proved by all before it.
    expect((await copy.ledger.verify()).broken).toBeUndefined()
    expect((await copy.ledger.after(0, 10)).length).toBeGreaterThan(0)
    // The key came along: the box that takes this one's place seals with it.
    await copy.ledger.append('sale', {}, 1)
    expect(await copy.ledger.keys()).toEqual(await store.ledger.keys())
    await copy.close()
    file.done()
    await expect.poll(() => readdirSync(data).filter((name) => name.startsWith('work-'))).toEqual([])
  })

  it('[C10] wants a passphrase of 10 to 200 characters', async () => {
    const backups = new Backups(toolsOn(folder()))
    const code = (length: number) => codeOf((async () => backups.make('p'.repeat(length)))())
    expect([await code(9), await code(10), await code(200), await code(201)]).toEqual([
      'params_invalid',
      // There are no books in the folder.
      'store_unavailable',
      'store_unavailable',
      'params_invalid',
    ])
  })

  it('[C10] that is being made is broken off by the end of the hub, and leaves nothing', {
    timeout: 30_000,
  }, async () => {
    const { data, backups } = await box()
    const making = codeOf(backups.make(passphrase))
    const waiting = codeOf(backups.make(passphrase))
    await expect.poll(() => readdirSync(data).filter((name) => name.startsWith('work-'))).toHaveLength(1)
    await backups.stop()
    expect([await making, await waiting, await codeOf(backups.make(passphrase))]).toEqual([
      'stopping',
      'stopping',
      'stopping',
    ])
    await backups.stop()
    await expect.poll(() => readdirSync(data).filter((name) => name.startsWith('work-'))).toEqual([])

    // While it is enciphered, too.
    const other = new Backups(toolsOn(data))
    const sealing = codeOf(other.make(passphrase))
    const files = () => readdirSync(data, { recursive: true, encoding: 'utf8' })
    await expect.poll(() => files().some((name) => name.endsWith('.tbk')), { interval: 10 }).toBe(true)
    await other.stop()
    expect(await sealing).toBe('stopping')
    await expect.poll(() => files().filter((name) => name.startsWith('work-'))).toEqual([])
  })

  it('[C10] three wait at most, and what was left half-made is thrown away', async () => {
    const data = folder()
    const backups = new Backups(toolsOn(data))
    const codes = await Promise.all([1, 2, 3, 4].map(() => codeOf(backups.make(passphrase))))
    expect(codes).toEqual(['store_unavailable', 'store_unavailable', 'store_unavailable', 'rate_limited'])
    mkdirSync(join(data, 'work-abc'))
    writeFileSync(join(data, 'work-abc', 'books.db'), 'x')
    await dropWork(data)
    expect(readdirSync(data)).toEqual([])
  })

  it('[C14] that is sent here may have so many bytes and no more', async () => {
    const data = folder()
    const bytes = Buffer.alloc(1_000)
    const taken = await takeUpload(data, pieces(bytes, 300), 1_000)
    expect(readFileSync(taken.path).equals(bytes)).toBe(true)
    taken.done()
    expect(await codeOf(takeUpload(data, pieces(bytes, 300), 999))).toBe('message_too_large')
    await expect.poll(() => readdirSync(data)).toEqual([])
  })
})

describe('a restore', () => {
  async function backupFile(): Promise<{ file: string; data: string }> {
    const { backups, data } = await box()
    return { file: (await backups.make(passphrase)).path, data }
  }

  /** Another box, with books of its own; answers what was in it. */
  async function otherBox(): Promise<{ data: string; before: Record<string, string> }> {
    const data = folder()
    const store = await openStore({ dir: data, inline: true })
    await store.setMeta('hub', 'hub-2')
    await store.close()
    for (const name of ['events.db', 'config.last-good.toml', 'tillbridge.toml'])
      writeFileSync(join(data, name), `old ${name}`)
    mkdirSync(join(data, 'tls'))
    writeFileSync(join(data, 'tls', 'authority.pem'), 'old key')
    return { data, before: contents(data) }
  }

  const hubOf = (file: string) => {
    const db = new DatabaseSync(file, { readOnly: true })
    const value = db.prepare("SELECT value FROM meta WHERE key = 'hub'").get()?.value
    db.close()
    return value
  }

  it('[C12] lays it ready and touches nothing, then puts it in place, wherever it is interrupted', {
    timeout: 60_000,
  }, async () => {
    const { file } = await backupFile()
    const { data, before } = await otherBox()
    await new Backups(toolsOn(data)).receive(file, passphrase, by)
    const waiting = contents(data)
    for (const [name, text] of Object.entries(before)) expect(waiting[name], name).toBe(text)

    const whole = join(folder(), 'whole')
    cpSync(data, whole, { recursive: true })
    let steps = 0
    while (await restoreStep(whole)) steps++
    const wanted = contents(whole)
    expect(steps).toBeGreaterThan(8)
    expect(hubOf(join(whole, 'books.db'))).toBe('hub-1')
    expect(wanted).toMatchObject({
      'tillbridge.toml': '# mine\n[hub]\nname = "A"\n',
      'tls/authority.pem': 'THE KEY OF THE ROOT',
      'before-restore-20261123191100/tillbridge.toml': 'old tillbridge.toml',
      'before-restore-20261123191100/tls/authority.pem': 'old key',
      'before-restore-20261123191100/events.db': 'old events.db',
    })
    for (const gone of ['events.db', 'config.last-good.toml', 'restore-pending'])
      expect(existsSync(join(whole, gone)), gone).toBe(false)
    expect(hubOf(join(whole, 'before-restore-20261123191100', 'books.db'))).toBe('hub-2')

    for (let kill = 0; kill < steps; kill++) {
      const cut = join(folder(), 'cut')
      cpSync(data, cut, { recursive: true })
      for (let step = 0; step < kill; step++) await restoreStep(cut)
      // At each moment every file of both boxes is somewhere.
      const all = JSON.stringify(contents(cut))
      for (const text of ['THE KEY OF THE ROOT', 'old key', 'old tillbridge.toml', '# mine'])
        expect(all, `${kill}`).toContain(text)
      while (await restoreStep(cut));
      expect(contents(cut), `killed before step ${kill}`).toEqual(wanted)
    }
  })

  it('[C12] brings the key of the ledger, or leaves none of the old box', { timeout: 30_000 }, async () => {
    const { data: from, store, backups } = await box()
    const without = (await backups.make(passphrase)).path
    await store.ledger.append('sale', {}, 1)
    const withKey = (await backups.make(passphrase)).path
    for (const file of [withKey, without]) {
      const { data } = await otherBox()
      writeFileSync(join(data, 'ledger.key'), 'old key of the ledger')
      await new Backups(toolsOn(data)).receive(file, passphrase, by)
      while (await restoreStep(data));
      const key = join(data, 'ledger.key')
      if (file === withKey) expect(readFileSync(key)).toEqual(readFileSync(join(from, 'ledger.key')))
      else expect(existsSync(key)).toBe(false)
      const aside = readdirSync(data).find((name) => name.startsWith('before-restore'))
      expect(readFileSync(join(data, aside!, 'ledger.key'), 'utf8')).toBe('old key of the ledger')
    }
  })

  it('[C12] is told of by the audit log that comes with it, once', { timeout: 30_000 }, async () => {
    const { file } = await backupFile()
    const { data } = await otherBox()
    // Of a hub that was killed. Beside the books of the backup it would change them.
    writeFileSync(join(data, 'books.db-wal'), 'old')
    await new Backups(toolsOn(data)).receive(file, passphrase, by)
    while (await restoreStep(data));
    expect(existsSync(join(data, 'books.db-wal'))).toBe(false)
    const log = createLog('silent')
    const broken = { act: () => Promise.reject(new HubError('store_unavailable', { reason: 'full' })) }
    await tellRestored(data, broken, log)
    const store = await openStore({ dir: data, inline: true })
    onTestFinished(() => store.close())
    const audit = new Audit({ store, clock: new TestClock() })
    await tellRestored(data, audit, log)
    await tellRestored(data, audit, log)
    expect(await store.access.audit({ limit: 10 })).toMatchObject([
      {
        ...by,
        act: 'restore',
        result: 'done',
        detail: { backup: { name: 'Café Größe', hub: 'hub-1' }, aside: 'before-restore-20261123191100' },
      },
    ])
    expect(existsSync(join(data, 'restored.json'))).toBe(false)
    writeFileSync(join(data, 'restored.json'), '')
    await tellRestored(data, audit, log)
    expect(await store.access.audit({ limit: 1 })).toMatchObject([{ act: 'restore', who: null }])
  })

  it('[C12] takes the place of one that waits, and of its own second no name twice', {
    timeout: 30_000,
  }, async () => {
    const { file } = await backupFile()
    const { data } = await otherBox()
    const first = new Backups(toolsOn(data))
    await first.receive(file, passphrase, by)
    // Whoever sent the first was told that it is done: until the hub starts again nothing else is taken.
    expect(await codeOf(first.receive(file, passphrase, by))).toBe('stopping')
    expect(await codeOf(first.make(passphrase))).toBe('stopping')
    const pending = join(data, 'restore-pending')
    writeFileSync(join(pending, 'left'), 'of the first')
    mkdirSync(join(data, 'before-restore-20261123191100'))
    await new Backups(toolsOn(data)).receive(file, passphrase, by)
    expect(readFileSync(join(pending, 'READY'), 'utf8')).toBe('before-restore-20261123191100-2\n')
    expect(existsSync(join(pending, 'left'))).toBe(false)
    expect(readdirSync(data).filter((name) => name.startsWith('work-'))).toEqual([])
  })

  it.runIf(process.getuid?.() === 0)(
    '[C12] by root is for whoever the hub runs as',
    {
      timeout: 30_000,
    },
    async () => {
      const { file } = await backupFile()
      const { data } = await otherBox()
      chownSync(data, 65_534, 65_534)
      await new Backups(toolsOn(data)).receive(file, passphrase, by)
      while (await restoreStep(data));
      for (const name of [
        'books.db',
        'tillbridge.toml',
        'tls',
        'tls/authority.pem',
        'before-restore-20261123191100',
      ])
        expect(statSync(join(data, name)), name).toMatchObject({ uid: 65_534, gid: 65_534 })
    },
  )

  it('[C12] that was cut off while it came in is thrown away', async () => {
    const { data, before } = await otherBox()
    mkdirSync(join(data, 'restore-pending'))
    writeFileSync(join(data, 'restore-pending', 'books.db'), 'half')
    writeFileSync(join(data, 'restore-pending', 'READY.new'), 'before-restore-1')
    while (await restoreStep(data));
    expect(contents(data)).toEqual(before)
  })

  it('[C11] of what cannot be used changes nothing', { timeout: 60_000 }, async () => {
    const { file } = await backupFile()
    const { data, before } = await otherBox()
    const backups = new Backups(toolsOn(data))
    expect(await codeOf(backups.receive(file, 'another passphrase', by))).toBe('backup_passphrase')
    expect(await codeOf(backups.receive(join(data, 'none.tbk'), passphrase, by))).toBe('backup_invalid')
    const cut = join(folder(), 'cut.tbk')
    writeFileSync(cut, readFileSync(file).subarray(0, -5_000))
    expect(await codeOf(backups.receive(cut, passphrase, by))).toBe('backup_invalid')

    /** A sealed file with other things in it, as an owner of the passphrase could make it. */
    const forged = async (change: (opened: string) => void, names?: string[]) => {
      const opened = join(folder(), 'opened')
      const { files } = await runPacking({ file, passphrase, to: opened })
      change(opened)
      const to = join(folder(), 'forged.tbk')
      const about = { version: '9', hub: 'h', name: 'n', at: '2026-01-01T00:00:00.000Z', schema: 1 }
      const packed = runPacking({
        folder: opened,
        names: names ?? files.map(({ name }) => name),
        about,
        passphrase,
        to,
      })
      await packed.catch(() => {})
      return backups.receive(to, passphrase, by).then(
        () => 'no error',
        (error: Error) => error.message,
      )
    }
    const sql = (text: string) => (opened: string) => {
      const db = new DatabaseSync(join(opened, 'books.db'))
      db.exec(text)
      db.close()
    }
    expect(await forged(sql('PRAGMA user_version = 999'))).toMatch(
      /its books: a newer version .*backup_invalid/,
    )
    expect(await forged(sql("UPDATE migrations SET checksum = 'x'"))).toMatch(/its books: .*backup_invalid/)
    expect(await forged((opened) => writeFileSync(join(opened, 'books.db'), 'no database'))).toMatch(
      /backup_invalid/,
    )
    expect(
      await forged((opened) => writeFileSync(join(opened, 'tillbridge.toml'), '[hub]\nnam = 1')),
    ).toMatch(/its configuration: hub\.nam.*backup_invalid/)
    expect(
      await forged((opened) => writeFileSync(join(opened, 'evil.sh'), 'x'), ['books.db', 'evil.sh']),
    ).toMatch(/evil\.sh is no file of a hub/)
    expect(await forged(() => {}, ['tillbridge.toml'])).toMatch(/it has no books/)
    expect(await forged(() => {})).toBe('no error')
    rmSync(join(data, 'restore-pending'), { recursive: true })
    expect(contents(data)).toEqual(before)
  })
})
