/** The hash chain of the ledger. */
import { hash } from 'node:crypto'
import type { LedgerEntry } from './store.ts'

/** The hash before the first entry. */
export const chainStart = '0'.repeat(64)

/** SHA-256, in hex, of the JSON array of the hash before, seq, at, kind and body: JSON, so that no two entries read alike. */
export function chainHash(before: string, { seq, at, kind, body }: Omit<LedgerEntry, 'hash'>): string {
  return hash('sha256', JSON.stringify([before, seq, at, kind, body]), 'hex')
}
