/** The SQL of the ledger: entries in a chain, each commit sealed by one signature. Runs next to the database. */
import type { DatabaseSync } from 'node:sqlite'
import { chainHash } from './chain.ts'
import { LedgerKey } from './ledger-key.ts'
import { proofOperations } from './ledger-proof.ts'
import type { LedgerEntry, LedgerKeyRow, LedgerSeal } from './store.ts'

/** Appends an entry in the transaction that is under way. `body` is JSON text, `at` ms since 1970. */
export type Append = (kind: string, body: string, at: number) => LedgerEntry

/** `keyFile` is undefined for books in memory: so is their key. */
export function ledgerOperations(db: DatabaseSync, keyFile: string | undefined) {
  const selectHead = db.prepare('SELECT seq, hash FROM ledger_head')
  const insertEntry = db.prepare('INSERT INTO ledger VALUES (?, ?, ?, ?, ?)')
  const selectAfter = db.prepare(
    'SELECT seq, at, kind, body, hash FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?',
  )
  const selectSpan = db.prepare(
    'SELECT min(seq) AS first, max(seq) AS last FROM ledger WHERE at >= ? AND at < ?',
  )
  const selectKey = db.prepare('SELECT 1 FROM ledger_keys WHERE id = ?')
  const selectKeys = db.prepare('SELECT id, public_key AS "publicKey", since FROM ledger_keys ORDER BY since')
  const selectSeals = db.prepare(
    'SELECT seq, key, signature FROM ledger_seals WHERE seq > ? ORDER BY seq LIMIT ?',
  )
  const insertKey = db.prepare('INSERT INTO ledger_keys VALUES (?, ?, ?)')
  // A commit whose entries were all undone again finds its head sealed.
  const insertSeal = db.prepare('INSERT INTO ledger_seals VALUES (?, ?, ?) ON CONFLICT (seq) DO NOTHING')
  let key: LedgerKey | undefined
  let unsealed = false
  /** The key is known to the ledger, on the disk. */
  let told = false

  const head = () => selectHead.get() as unknown as { seq: number; hash: string }
  const link: Append = (kind, body, at) => {
    const before = head()
    const entry = { seq: before.seq + 1, at, kind, body }
    const hash = chainHash(before.hash, entry)
    insertEntry.run(entry.seq, at, kind, body, hash)
    unsealed = true
    return { ...entry, hash }
  }
  /** Asked until it was there before a commit began: an entry that made it known in this one may be undone. */
  const tellOf = ({ id, publicKey }: LedgerKey, at: number): void => {
    if (selectKey.get(id) !== undefined) told = !unsealed
    else insertKey.run(id, publicKey, link('key', JSON.stringify({ id, publicKey }), at).seq)
  }
  const append: Append = (kind, body, at) => {
    key ??= LedgerKey.load(keyFile)
    if (!told) tellOf(key, at)
    return link(kind, body, at)
  }
  return {
    append,
    reads: {
      'ledger.after': (seq: number, limit: number) => selectAfter.all(seq, limit) as unknown as LedgerEntry[],
      'ledger.span': (from: number, until: number) => {
        const { first, last } = selectSpan.get(from, until) as { first: number | null; last: number | null }
        return first === null || last === null ? undefined : { first, last }
      },
      'ledger.seals': (seq: number, limit: number) => selectSeals.all(seq, limit) as unknown as LedgerSeal[],
      'ledger.length': () => head().seq,
      'ledger.keys': () => selectKeys.all() as unknown as LedgerKeyRow[],
      ...proofOperations(db),
    },
    writes: { 'ledger.append': append },
    /** Seals what was appended: one signature over the last hash proves all before it. */
    committing(): void {
      if (!unsealed || key === undefined) return
      unsealed = false
      const { seq, hash } = head()
      if (seq > 0) insertSeal.run(seq, key.id, key.sign(hash))
    },
  }
}
