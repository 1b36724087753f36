/** Proves the ledger slice by slice: the chain of hashes, and the signatures over it. */
import type { DatabaseSync } from 'node:sqlite'
import { chainHash, chainStart } from './chain.ts'
import { idOfPublicKey, isSignedBy } from './ledger-key.ts'
import type { LedgerEntry } from './store.ts'

/** How far the chain is proved: the next slice starts behind it. Plain data: it may cross to another thread. */
export interface ProofPosition {
  seq: number
  hash: string
  /** The last entry that a good seal covers. */
  sealed: number
  /** Public keys that the chain has told of so far, by id. */
  keys: Record<string, string>
}

export interface ProofStep {
  position: ProofPosition
  /** More entries follow. */
  more: boolean
  broken?: { seq: number; reason: string }
}

/** Entries proved in one go: each with a seal takes about a tenth of a millisecond. */
const sliceRows = 500

const start: ProofPosition = { seq: 0, hash: chainStart, sealed: 0, keys: {} }

export function proofOperations(db: DatabaseSync) {
  const selectHead = db.prepare('SELECT seq, hash FROM ledger_head')
  const selectEntries = db.prepare(
    `SELECT seq, at, kind, body, hash, key, signature FROM ledger LEFT JOIN ledger_seals USING (seq)
     WHERE seq > ? ORDER BY seq LIMIT ?`,
  )
  const selectStraySeal = db.prepare('SELECT min(seq) AS seq FROM ledger_seals WHERE seq > ?')
  return {
    'ledger.prove': (from: ProofPosition = start): ProofStep => {
      let position = from
      const rows = selectEntries.all(from.seq, sliceRows) as unknown as SealedEntry[]
      for (const row of rows) {
        const found = proveEntry(position, row)
        if (typeof found === 'string') {
          return { position, more: false, broken: { seq: position.seq + 1, reason: found } }
        }
        position = found
      }
      if (rows.length === sliceRows) return { position, more: true }
      const reason = proveEnd(position, selectHead.get(), selectStraySeal.get(position.seq)?.seq)
      if (reason === undefined) return { position, more: false }
      return { position, more: false, broken: reason }
    },
  }
}

interface SealedEntry extends LedgerEntry {
  key: string | null
  signature: string | null
}

/** The position behind the entry, or what is wrong with it. */
function proveEntry(before: ProofPosition, entry: SealedEntry): ProofPosition | string {
  if (entry.seq !== before.seq + 1) return 'it is missing'
  if (entry.hash !== chainHash(before.hash, entry)) return 'its hash is not that of what it says'
  const keys = entry.kind === 'key' ? { ...before.keys, ...keyOf(entry.body) } : before.keys
  const position = { ...before, seq: entry.seq, hash: entry.hash, keys }
  if (entry.key === null || entry.signature === null) return position
  const publicKey = Object.hasOwn(keys, entry.key) ? keys[entry.key] : undefined
  if (publicKey === undefined) return 'its seal is by a key that the ledger does not know'
  if (!isSignedBy(publicKey, entry.hash, entry.signature)) return 'its seal does not fit'
  return { ...position, sealed: entry.seq }
}

/** A key whose id is not made from it counts for nothing. */
function keyOf(body: string): Record<string, string> {
  try {
    const { id, publicKey } = JSON.parse(body) as { id?: unknown; publicKey?: unknown }
    if (typeof id === 'string' && typeof publicKey === 'string' && idOfPublicKey(publicKey) === id) {
      return { [id]: publicKey }
    }
  } catch {}
  return {}
}

function proveEnd(
  { seq, hash, sealed }: ProofPosition,
  head: Record<string, unknown> | undefined,
  straySeal: unknown,
): { seq: number; reason: string } | undefined {
  if (head?.seq !== seq || head.hash !== hash) return { seq: seq + 1, reason: 'the end is cut off' }
  if (typeof straySeal === 'number') return { seq: seq + 1, reason: 'the end is cut off' }
  // Each commit is sealed: a ledger without seals is one that they were taken from.
  return sealed < seq ? { seq: sealed + 1, reason: 'no seal covers it' } : undefined
}
