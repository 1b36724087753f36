/** The books as the contract has them, over a handle to `books.db`. */
import { HubError } from '../protocol/errors.ts'
import type { BookOperations, ChainPosition } from './books.ts'
import type { Handle } from './handle.ts'
import { pruneStepRows } from './jobs.ts'
import { deviceRecord, deviceRow, jobChanges, jobRecord, jobRow, pairCodeRow, tokenRow } from './rows.ts'
import type { AccessStore, DeviceStore, JobRow, JobStore, LedgerStore, Store, TokenRow } from './store.ts'

type Books = Handle<BookOperations>

export function storeOver(books: Books): Store {
  return {
    jobs: jobsOver(books),
    access: accessOver(books),
    devices: devicesOver(books),
    ledger: ledgerOver(books),
    getMeta: (key) => books.read('meta.get', key),
    setMeta: (key, value) => books.write('meta.set', key, value),
    get stats() {
      return books.stats
    },
    close: () => books.close(),
  }
}

function jobsOver(books: Books): JobStore {
  return {
    insert: (row) => books.write('jobs.insert', jobRecord(row), row.payload),
    update: (id, patch) => books.write('jobs.update', id, jobChanges(patch)),
    async get(id) {
      const job = await books.read('jobs.get', id)
      return job && jobRow(job)
    },
    async list({ device, state, limit, before }) {
      // One more than asked for tells whether there is a next page.
      const page = { device, state, before: cursor(before), limit: limit + 1 }
      const jobs = await books.read('jobs.list', page)
      const shown = jobs.slice(0, limit)
      const rows = shown.map(jobRow)
      const last = shown.at(-1)
      return jobs.length > limit && last !== undefined ? { rows, next: String(last.ord) } : { rows }
    },
    async unended() {
      const rows: JobRow[] = []
      let after = 0
      for (;;) {
        const slice = await books.read('jobs.unended', after)
        const last = slice.at(-1)
        if (last === undefined) return rows
        for (const job of slice) rows.push(jobRow(job))
        after = last.ord
      }
    },
    async endedSince(since, limit) {
      return (await books.read('jobs.endedSince', since, limit)).map(jobRow)
    },
    async prune(now) {
      let total = 0
      for (;;) {
        const dropped = await books.write('jobs.prune', now)
        total += dropped
        if (dropped < pruneStepRows) return total
      }
    },
  }
}

function cursor(before: string | undefined): number | undefined {
  if (before === undefined) return undefined
  if (!/^\d{1,15}$/.test(before)) {
    throw new HubError('params_invalid', { path: 'before', reason: 'is not the next of a page' })
  }
  return Number(before)
}

function accessOver(books: Books): AccessStore {
  /** Uses that may not be written yet, by token id; at most one for each token. */
  const lastUses = new Map<string, number>()
  const upToDate = (token: TokenRow): TokenRow => {
    const lastUsedAt = Math.max(token.lastUsedAt ?? 0, lastUses.get(token.id) ?? 0)
    return lastUsedAt === 0 ? token : { ...token, lastUsedAt }
  }
  return {
    insertToken: (row) => books.write('tokens.insert', { ...row, lastUsedAt: row.lastUsedAt ?? null }),
    async tokenByHash(hash) {
      const token = await books.read('tokens.byHash', hash)
      return token && upToDate(tokenRow(token))
    },
    async tokens() {
      return (await books.read('tokens.all')).map((token) => upToDate(tokenRow(token)))
    },
    async touchToken(id, at) {
      const lastUse = Math.max(at, lastUses.get(id) ?? 0)
      lastUses.set(id, lastUse)
      books.ride(`touch ${id}`, 'tokens.touch', id, lastUse)
    },
    deleteToken(id) {
      lastUses.delete(id)
      return books.write('tokens.delete', id)
    },
    insertPairCode: (row) => books.write('codes.insert', { ...row, name: row.name ?? null }),
    async takePairCode(hash, now) {
      const code = await books.write('codes.take', hash, now)
      return code && pairCodeRow(code)
    },
    clearPairCodes: () => books.write('codes.clear'),
  }
}

function devicesOver(books: Books): DeviceStore {
  return {
    async all() {
      return (await books.read('devices.all')).map(deviceRow)
    },
    put: (row) => books.write('devices.put', deviceRecord(row)),
    delete: (id) => books.write('devices.delete', id),
    nextFence: (device) => books.write('devices.nextFence', device),
  }
}

function ledgerOver(books: Books): LedgerStore {
  return {
    append: (kind, body, at) => books.write('ledger.append', kind, JSON.stringify(body), at),
    after: (seq, limit) => books.read('ledger.after', seq, limit),
    async verify() {
      let from: ChainPosition | undefined
      for (;;) {
        const proof = await books.read('ledger.verify', from)
        if (proof.next === undefined) return proof.broken
        from = proof.next
      }
    },
  }
}
