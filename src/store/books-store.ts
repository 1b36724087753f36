/** The books as the contract has them, over a handle to `books.db`. */
import { HubError } from '../protocol/errors.ts'
import { accessOver } from './access-store.ts'
import type { Books } from './books.ts'
import { type JobPage, pruneStepRows, type StoredJob } from './jobs.ts'
import type { ProofPosition } from './ledger-proof.ts'
import { deviceRecord, deviceRow, jobChanges, jobRecord, jobRow } from './rows.ts'
import type { DeviceStore, JobRow, JobStore, LedgerStore, Store } from './store.ts'
import { tillOver } from './till/till-store.ts'

export function storeOver(books: Books): Store {
  return {
    jobs: jobsOver(books),
    access: accessOver(books),
    devices: devicesOver(books),
    ledger: ledgerOver(books),
    till: tillOver(books),
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
    async list({ device, state, text, limit, before }) {
      // One more than asked for tells whether there is a next page.
      const page = { device, state, before: cursor(before), limit: limit + 1 }
      const jobs =
        text === undefined ? await books.read('jobs.list', page) : await search(books, { ...page, text })
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

/** Step by step, so that commits go on between two of them. */
async function search(books: Books, page: JobPage & { text: string }): Promise<StoredJob[]> {
  const found: StoredJob[] = []
  let before = page.before
  for (;;) {
    const step = await books.read('jobs.search', { ...page, before, limit: page.limit - found.length })
    found.push(...step.found)
    if (found.length >= page.limit || step.next === undefined) return found
    before = step.next
  }
}

function cursor(before: string | undefined): number | undefined {
  if (before === undefined) return undefined
  if (!/^\d{1,15}$/.test(before)) {
    throw new HubError('params_invalid', { path: 'before', reason: 'is not the next of a page' })
  }
  return Number(before)
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
    after: (seq, limit) => books.lookUp('ledger.after', seq, limit),
    span: (from, until) => books.lookUp('ledger.span', from, until),
    seals: (seq, limit) => books.lookUp('ledger.seals', seq, limit),
    length: () => books.read('ledger.length'),
    keys: () => books.read('ledger.keys'),
    async verify() {
      let from: ProofPosition | undefined
      for (;;) {
        const { position, more, broken } = await books.lookUp('ledger.prove', from)
        if (!more) {
          const { seq, hash, keys } = position
          return { entries: seq, head: hash, keys: Object.keys(keys), ...(broken && { broken }) }
        }
        from = position
      }
    },
  }
}
