/** The hash chain of the ledger. */
import { createHash } from 'node:crypto'
import type { LedgerEntry } from './store.ts'

/** The hash before the first entry. */
export const chainStart = '0'.repeat(64)

/** SHA-256, in hex, of the JSON array of the hash before, seq, at, kind and body: JSON, so that no two entries read alike. */
export function chainHash(before: string, { seq, at, kind, body }: Omit<LedgerEntry, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify([before, seq, at, kind, body]))
    .digest('hex')
}
