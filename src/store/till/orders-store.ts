/** Orders and sessions as the contract has them, over a handle to the books. */
import { HubError } from '../../protocol/errors.ts'
import type { OrderSummary } from '../../protocol/till/order.ts'
import type { Books } from '../books.ts'
import type { DraftRow, EntryInput, OrderStore, SessionStore } from './contract.ts'
import type { DraftRecord, EntryRecord } from './drafts.ts'
import { numbered } from './numbered.ts'
import type { ListedOrder } from './order-list.ts'

export function ordersOver(books: Books): OrderStore {
  return {
    change: async (changes, entries = []) =>
      (await books.write('drafts.change', changes, entries.map(entryRecord))).map(draftRow),
    async draft(id) {
      const draft = await books.read('drafts.get', id)
      return draft && draftRow(draft)
    },
    hold: async (id, holder, now) => draftRow(await books.write('drafts.hold', id, holder, now)),
    async release(id, client) {
      const draft = await books.write('drafts.release', id, client)
      return draft && draftRow(draft)
    },
    releaseAll: async (client) => (await books.write('drafts.releaseAll', client)).map(draftRow),
    async pay({ body, ...order }) {
      const paid = await books.write('orders.pay', JSON.stringify(order), body)
      return { ...paid, body: paid.body ?? numbered(body, paid.number, paid.reference) }
    },
    sold: (id) => books.read('orders.sold', id),
    byReference: (reference) => books.read('orders.byReference', reference),
    async list(filter) {
      const { state, limit } = filter
      const cursor = cursorOf(filter.before)
      const before = cursor && { at: cursor.at, key: state === 'paid' ? numberOf(cursor.key) : cursor.key }
      // One more than asked for tells whether there is a next page.
      const found = await books.lookUp('orders.list', { ...filter, before, limit: limit + 1 })
      const shown = found.slice(0, limit)
      const orders = shown.map((order) => summary(order, state))
      const last = shown.at(-1)
      if (found.length <= limit || last === undefined) return { orders }
      return { orders, next: `${last.at}.${state === 'paid' ? last.seq : last.id}` }
    },
    printed: (id, entry) => books.write('orders.printed', id, entryRecord(entry)),
    invoice: (id, customer, entry) => books.write('orders.invoice', id, customer, entryRecord(entry)),
    reserve: (block, entry) => books.write('orders.reserve', block, entry),
  }
}

export function sessionsOver(books: Books): Omit<SessionStore, 'drawerOpened'> {
  return {
    open: (session, fingerprint, at) => books.write('till.sessionBegin', session, fingerprint, at),
    current: (register) => books.read('till.sessionOpen', register),
    get: (id) => books.read('till.session', id),
    async list({ register, limit, before }) {
      const page = { register, limit: limit + 1, before: cursorOf(before) }
      const found = await books.lookUp('till.sessionList', page)
      const shown = found.slice(0, limit)
      const sessions = shown.map(({ session }) => session)
      const last = shown.at(-1)
      if (found.length <= limit || last === undefined) return { sessions }
      return { sessions, next: `${last.at}.${last.session.id}` }
    },
    move: (move, at) => books.write('till.sessionMove', move, at),
    figures: (id) => books.read('till.sessionFigures', id),
    close: (id, closing) => books.write('till.sessionEnd', id, closing),
    report: (id) => books.read('till.sessionReport', id),
  }
}

const entryRecord = ({ kind, body, at }: EntryInput): EntryRecord => ({
  kind,
  body: JSON.stringify(body),
  at,
})

function draftRow({ heldClient, heldBy, heldUntil, ...draft }: DraftRecord): DraftRow {
  if (heldClient === null || heldBy === null || heldUntil === null) return { ...draft, held: null }
  return { ...draft, held: { client: heldClient, by: heldBy, until: heldUntil } }
}

function summary({ seq: _seq, refund, at, ...order }: ListedOrder, state: 'draft' | 'paid'): OrderSummary {
  return { ...order, state, refund: refund === 1, at: new Date(at).toISOString() }
}

const wrongCursor = () =>
  new HubError('params_invalid', { path: 'before', reason: 'is not the next of a page' })

/** `<ms since 1970>.<key>`. */
function cursorOf(before: string | undefined): { at: number; key: string } | undefined {
  if (before === undefined) return undefined
  const match = /^(\d{1,15})\.(.{1,64})$/.exec(before)
  if (match === null) throw wrongCursor()
  return { at: Number(match[1]), key: match[2]! }
}

function numberOf(key: string): number {
  if (!/^\d{1,15}$/.test(key)) throw wrongCursor()
  return Number(key)
}
