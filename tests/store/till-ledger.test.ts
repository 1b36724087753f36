/** The ledger against whoever changes it, and the key that seals it. */
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chainHash } from '../../src/store/chain.ts'
import { openStore } from '../../src/store/open.ts'
import type { LedgerEntry } from '../../src/store/store.ts'
import { testFolder } from './support/folder.ts'
import { memoryBooks, openSession, payRow } from './support/till.ts'

/** The key, and five sales in five commits: entries 1 to 6. */
async function soldBooks(): Promise<string> {
  const dir = await testFolder()
  await appendIn(dir, 5)
  return dir
}

async function appendIn(dir: string, sales: number): Promise<LedgerEntry[]> {
  const store = await openStore({ dir, inline: true })
  for (let amount = 0; amount < sales; amount++) await store.ledger.append('sale', { amount }, amount)
  const entries = await store.ledger.after(0, 100)
  await store.close()
  return entries
}

function tamper(dir: string, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(`${dir}/books.db`, { enableForeignKeyConstraints: false })
  const triggers = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'ledger%'")
    .all()
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${String(name)}`)
  work(db)
  db.close()
}

async function proofOf(dir: string) {
  const store = await openStore({ dir, inline: true, readOnly: true })
  const proof = await store.ledger.verify()
  await store.close()
  return proof
}

/** Recomputes the chain from an entry on, as somebody would who has the file. */
function rechain(db: DatabaseSync, from: number): string {
  if (from === 1) {
    const first = db.prepare('SELECT * FROM ledger WHERE seq = 1').get() as unknown as LedgerEntry
    db.prepare('UPDATE ledger SET hash = ? WHERE seq = 1').run(chainHash('0'.repeat(64), first))
    return rechain(db, 2)
  }
  const rows = db
    .prepare('SELECT * FROM ledger WHERE seq >= ? ORDER BY seq')
    .all(from) as unknown as LedgerEntry[]
  let before = String(db.prepare('SELECT hash FROM ledger WHERE seq = ?').get(from - 1)?.hash)
  for (const row of rows) {
    before = chainHash(before, row)
    db.prepare('UPDATE ledger SET hash = ? WHERE seq = ?').run(before, row.seq)
  }
  db.prepare('UPDATE ledger_head SET hash = ?').run(before)
  return before
}

describe('tampering', () => {
  it.each([
    ['nothing at all', 'SELECT 1', undefined],
    ['a changed body', `UPDATE ledger SET body = '{"amount":9}' WHERE seq = 3`, 3],
    ['a changed time', 'UPDATE ledger SET at = 9 WHERE seq = 2', 2],
    ['a changed kind', `UPDATE ledger SET kind = 'refund' WHERE seq = 6`, 6],
    ['a changed hash', `UPDATE ledger SET hash = 'x' WHERE seq = 1`, 1],
    ['an entry taken out', 'DELETE FROM ledger WHERE seq = 3', 3],
    ['the first taken out', 'DELETE FROM ledger WHERE seq = 1', 1],
    ['the tail cut off', 'DELETE FROM ledger WHERE seq >= 4', 4],
    ['everything taken out', 'DELETE FROM ledger', 1],
    [
      'the tail and the head cut off',
      `DELETE FROM ledger WHERE seq >= 4;
       UPDATE ledger_head SET seq = 3, hash = (SELECT hash FROM ledger WHERE seq = 3)`,
      4,
    ],
    [
      'two swapped',
      'UPDATE ledger SET seq = -1 WHERE seq = 2; UPDATE ledger SET seq = 2 WHERE seq = 3; UPDATE ledger SET seq = 3 WHERE seq = -1',
      2,
    ],
    ['the last seal taken out', 'DELETE FROM ledger_seals WHERE seq = 6', 6],
    ['all seals taken out', 'DELETE FROM ledger_seals', 1],
    [
      'a seal in between taken out, which the next one makes up for',
      'DELETE FROM ledger_seals WHERE seq = 4',
      undefined,
    ],
    [
      'the seal of another entry',
      'UPDATE ledger_seals SET signature = (SELECT signature FROM ledger_seals WHERE seq = 3) WHERE seq = 4',
      4,
    ],
    ['a seal that is none', `UPDATE ledger_seals SET signature = '!' WHERE seq = 5`, 5],
    ['a seal of nobody', `UPDATE ledger_seals SET key = 'nobody' WHERE seq = 5`, 5],
  ])('[ST13] finds %s', async (_, sql, broken) => {
    const dir = await soldBooks()
    tamper(dir, (db) => db.exec(sql))
    const proof = await proofOf(dir)
    expect(proof.broken?.seq).toBe(broken)
    if (broken === undefined) expect(proof.entries).toBe(6)
    else expect(proof.broken?.reason).toMatch(/\w/)
  })

  it('[ST40] whoever recomputes the chain without the key is found by the first seal behind it', async () => {
    const dir = await soldBooks()
    tamper(dir, (db) => {
      db.prepare(`UPDATE ledger SET body = '{"amount":9}' WHERE seq = 3`).run()
      rechain(db, 3)
    })
    expect((await proofOf(dir)).broken).toEqual({ seq: 3, reason: 'its seal does not fit' })
  })

  it('[ST40] a seal by a key that the ledger does not tell of counts for nothing', async () => {
    const dir = await soldBooks()
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    tamper(dir, (db) => {
      db.prepare(`UPDATE ledger SET body = '{"amount":9}' WHERE seq = 6`).run()
      const head = rechain(db, 6)
      const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
      db.prepare('INSERT INTO ledger_keys VALUES (?, ?, 1)').run('foreign', pem)
      const signature = sign(null, Buffer.from(head), privateKey).toString('base64')
      db.prepare(`UPDATE ledger_seals SET key = 'foreign', signature = ? WHERE seq = 6`).run(signature)
    })
    expect((await proofOf(dir)).broken).toEqual({
      seq: 6,
      reason: 'its seal is by a key that the ledger does not know',
    })
  })

  it('[ST40] a chain that somebody recomputed throughout without any key has no seal, and is found', async () => {
    const dir = await soldBooks()
    tamper(dir, (db) => {
      db.exec('DELETE FROM ledger_seals; DELETE FROM ledger_keys')
      db.exec(`UPDATE ledger SET kind = 'note', body = '{}' WHERE kind = 'key'`)
      db.prepare(`UPDATE ledger SET body = '{"amount":9}' WHERE seq = 3`).run()
      rechain(db, 1)
    })
    expect((await proofOf(dir)).broken).toEqual({ seq: 1, reason: 'no seal covers it' })
  })

  it('[ST40] another key under the id of the first is not that key, though all seals are made anew with it', async () => {
    const dir = await soldBooks()
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    tamper(dir, (db) => {
      const pem = publicKey.export({ type: 'spki', format: 'pem' })
      const { id } = JSON.parse(String(db.prepare('SELECT body FROM ledger WHERE seq = 1').get()?.body))
      db.prepare('UPDATE ledger SET body = ? WHERE seq = 1').run(JSON.stringify({ id, publicKey: pem }))
      db.prepare(`UPDATE ledger SET body = '{"amount":9}' WHERE seq = 3`).run()
      rechain(db, 1)
      for (const { seq, hash } of db.prepare('SELECT seq, hash FROM ledger').all()) {
        const signature = sign(null, Buffer.from(String(hash)), privateKey).toString('base64')
        db.prepare('UPDATE ledger_seals SET signature = ? WHERE seq = ?').run(signature, seq!)
      }
    })
    const reason = 'its seal is by a key that the ledger does not know'
    expect((await proofOf(dir)).broken).toEqual({ seq: 2, reason })
  })
})

describe('seals', () => {
  it('[ST40] each commit has one, over its last entry', async () => {
    const store = await memoryBooks()
    await openSession(store)
    await Promise.all([1, 2, 3].map((order) => store.till.orders.pay(payRow(`o${order}`))))
    await store.setMeta('a', 'b')
    expect((await store.ledger.seals(0, 10)).map(({ seq }) => seq)).toEqual([2, 5])
    expect((await store.ledger.seals(2, 10)).map(({ seq }) => seq)).toEqual([5])
    const [key] = await store.ledger.keys()
    expect(key?.since).toBe(1)
    expect((await store.ledger.verify()).keys).toEqual([key?.id])
  })

  it('[ST40] a commit whose entries were all undone goes through for what else is in it', async () => {
    const store = await memoryBooks()
    await openSession(store)
    const broken = openSession(store, 's9', null as never)
    const settled = await Promise.allSettled([broken, store.setMeta('a', 'b')])
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(await store.getMeta('a')).toBe('b')
    expect((await store.ledger.seals(0, 10)).map(({ seq }) => seq)).toEqual([2])
  })

  it('[ST40] the proof goes on over more than one slice, while entries are added', async () => {
    const store = await memoryBooks()
    for (let sale = 0; sale < 1_200; sale++) await store.ledger.append('sale', {}, sale)
    const proof = store.ledger.verify()
    for (let sale = 0; sale < 5; sale++) await store.ledger.append('sale', {}, sale)
    expect((await proof).broken).toBeUndefined()
  })
})

describe('the key', () => {
  it('[ST41] is made with the first entry, and only its owner may read it', async () => {
    const dir = await testFolder()
    const store = await openStore({ dir, inline: true })
    onTestFinished(() => store.close())
    await store.setMeta('a', 'b')
    expect(existsSync(`${dir}/ledger.key`)).toBe(false)
    await store.ledger.append('sale', {}, 1)
    expect((statSync(`${dir}/ledger.key`).mode & 0o777).toString(8)).toBe('600')
    const [key] = await store.ledger.keys()
    const kept = createPublicKey(readFileSync(`${dir}/ledger.key`)).export({ type: 'spki', format: 'pem' })
    expect(key?.publicKey).toBe(kept)
  })

  it('[ST41] the same key goes on after a restart', async () => {
    const dir = await soldBooks()
    const entries = await appendIn(dir, 2)
    expect(entries.filter(({ kind }) => kind === 'key')).toHaveLength(1)
    expect(await proofOf(dir)).toMatchObject({ entries: 8, keys: [expect.any(String)] })
  })

  const pem = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  it.each([
    ['lost', (file: string) => rmSync(file)],
    ['damaged', (file: string) => writeFileSync(file, 'no key')],
    [
      'of another kind',
      (file: string) => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
        writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
      },
    ],
    ['replaced by another', (file: string) => writeFileSync(file, pem())],
  ])(
    '[ST41] when the file is %s the till sells on with another key, and the ledger tells of it',
    async (_, harm) => {
      const dir = await soldBooks()
      harm(`${dir}/ledger.key`)
      const entries = await appendIn(dir, 1)
      expect(entries.slice(6).map(({ seq, kind }) => [seq, kind])).toEqual([
        [7, 'key'],
        [8, 'sale'],
      ])
      const { broken, keys } = await proofOf(dir)
      expect(broken).toBeUndefined()
      expect(keys).toHaveLength(2)
      expect((await appendIn(dir, 1)).length).toBe(9)
    },
  )

  it('[ST41] what was in the file and was no key is kept beside the new one', async () => {
    const dir = await soldBooks()
    writeFileSync(`${dir}/ledger.key`, 'half a key')
    await appendIn(dir, 1)
    expect(readFileSync(`${dir}/ledger.key.bad`, 'utf8')).toBe('half a key')
    expect((statSync(`${dir}/ledger.key`).mode & 0o777).toString(8)).toBe('600')
  })

  it('[ST41] a key that cannot be written serves until the hub ends', async () => {
    const dir = await testFolder()
    // The name is taken by a folder that is not empty: nothing can be written there.
    const store = await openStore({ dir, inline: true })
    mkdirSync(`${dir}/ledger.key.part/x`, { recursive: true })
    await store.ledger.append('sale', {}, 1)
    expect((await store.ledger.verify()).broken).toBeUndefined()
    await store.close()
    expect(existsSync(`${dir}/ledger.key`)).toBe(false)
    expect((await appendIn(dir, 1)).map(({ kind }) => kind)).toEqual(['key', 'sale', 'key', 'sale'])
    expect((await proofOf(dir)).broken).toBeUndefined()
  })

  it('[ST41] an entry that was undone again takes its key along, and the next one brings it', async () => {
    const store = await memoryBooks()
    // A register that the table refuses, when the entry is there already.
    const broken = () => openSession(store, 's9', null as never)
    await expect(broken()).rejects.toMatchObject({ code: 'internal' })
    expect(await store.ledger.after(0, 10)).toEqual([])
    const settled = await Promise.allSettled([openSession(store), openSession(store, 's2', 'r2'), broken()])
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    const kinds = (await store.ledger.after(0, 10)).map(({ kind }) => kind)
    expect(kinds).toEqual(['key', 'session.opened', 'session.opened'])
    expect(await store.ledger.verify()).toMatchObject({ entries: 3 })
    expect((await store.ledger.verify()).broken).toBeUndefined()
  })
})

describe('books that are open for reading', () => {
  it('[ST43] refuse every write, and prove the ledger beside whoever writes', async () => {
    const dir = await testFolder()
    const writer = await openStore({ dir })
    onTestFinished(() => writer.close())
    await openSession(writer)
    await writer.till.orders.pay(payRow('o1'))
    const reader = await openStore({ dir, inline: true, readOnly: true })
    onTestFinished(() => reader.close())
    expect(await reader.ledger.verify()).toEqual(await writer.ledger.verify())
    await expect(reader.setMeta('a', 'b')).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect(reader.ledger.append('sale', {}, 1)).rejects.toMatchObject({ code: 'store_unavailable' })
    await writer.till.orders.pay(payRow('o2'))
    expect((await reader.till.orders.sold('o2'))?.number).toBe(2)
  })

  it('[ST43] of an older version ask for a start of the hub', async () => {
    const dir = await testFolder()
    const db = new DatabaseSync(`${dir}/books.db`)
    db.exec('PRAGMA journal_mode = WAL')
    db.close()
    await expect(openStore({ dir, inline: true, readOnly: true })).rejects.toMatchObject({
      code: 'store_corrupt',
    })
    await expect(openStore({ dir: `${dir}/none`, inline: true, readOnly: true })).rejects.toMatchObject({
      code: 'store_unavailable',
    })
  })
})
