/** The SQL of paid orders: number, entry, indexes, sums and stock in one step. */
import type { DatabaseSync } from 'node:sqlite'
import { HubError } from '../../protocol/errors.ts'
import type { OutboxState } from '../../protocol/till/upstream.ts'
import type { Append } from '../ledger.ts'
import type { PayRow, SoldRow } from './contract.ts'
import { registerCounters } from './counters.ts'
import { draftKeeping, draftOperations, type EntryRecord } from './drafts.ts'
import { numbered } from './numbered.ts'
import { listOperations } from './order-list.ts'
import { refuseBeyond, sumKeeping } from './sums.ts'

/** Digits of the number in a reference, at least. */
const numberDigits = 6

export interface Block {
  id: string
  register: string
  count: number
  client: string
  at: number
  unusedMax?: number | undefined
}

interface FoundOrder extends Omit<SoldRow, 'refunded' | 'sync' | 'invoice'> {
  id: string
  register: string
  session: string
  fingerprint: string
  invoice: 0 | 1
}

export function orderOperations(db: DatabaseSync, append: Append) {
  const drafts = draftOperations(db, append)
  const lists = listOperations(db)
  const counters = registerCounters(db)
  const draftsOfPaying = draftKeeping(db)
  const sums = sumKeeping(db)
  const selectOrder = db.prepare(
    `SELECT seq, hash, id, register, session, number, reference, prints, invoice, customer, fingerprint, body
     FROM till_orders JOIN ledger USING (seq) WHERE id = ?`,
  )
  const selectByReference = db.prepare('SELECT id FROM till_orders WHERE reference = ?')
  const selectByNumber = db.prepare('SELECT id FROM till_orders WHERE register = ? AND number = ?')
  const insertOrder = db.prepare(
    'INSERT INTO till_orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)',
  )
  const selectSession = db.prepare('SELECT register, closed_at FROM till_sessions WHERE id = ?')
  const touchSession = db.prepare('UPDATE till_sessions SET last_seq = ? WHERE id = ?')
  const selectRefund = db.prepare(
    'SELECT quantity_e6 AS quantity FROM till_refunds WHERE order_id = ? AND line = ?',
  )
  const selectRefunds = db.prepare(
    'SELECT line, quantity_e6 AS quantity FROM till_refunds WHERE order_id = ? ORDER BY line',
  )
  const addRefund = db.prepare(
    `INSERT INTO till_refunds VALUES (?, ?, ?)
     ON CONFLICT (order_id, line) DO UPDATE SET quantity_e6 = quantity_e6 + excluded.quantity_e6`,
  )
  const selectSync = db.prepare(
    `SELECT upstream, coalesce(state, 'queued') AS state FROM till_upstreams AS known
     LEFT JOIN till_outbox AS row USING (upstream)
     WHERE row.seq = ?1 OR (?1 > cursor AND NOT EXISTS (SELECT 1 FROM till_outbox WHERE upstream = known.upstream AND seq = ?1))
     GROUP BY upstream`,
  )
  const selectUpstreams = db.prepare('SELECT upstream FROM till_upstreams')
  const countPrint = db.prepare('UPDATE till_orders SET prints = prints + 1 WHERE seq = ? RETURNING prints')
  const countDuplicate = db.prepare(
    'UPDATE till_sessions SET duplicates = duplicates + 1, last_seq = ? WHERE register = ? AND closed_at IS NULL',
  )
  const wantInvoice = db.prepare('UPDATE till_orders SET invoice = 1, customer = ? WHERE seq = ?')
  const selectBlock = db.prepare(
    `SELECT register, from_number AS "from", until_number AS "until", client FROM till_blocks WHERE id = ?`,
  )
  const insertBlock = db.prepare('INSERT INTO till_blocks VALUES (?, ?, ?, ?, ?, ?)')
  const countUnused = db.prepare(
    `SELECT coalesce(sum(until_number - from_number + 1 - (
       SELECT count(*) FROM till_orders AS sold WHERE sold.register = block.register AND number BETWEEN from_number AND until_number
     )), 0) AS unused FROM till_blocks AS block WHERE register = ? AND client = ?`,
  )
  const selectBlockOf = db.prepare(
    'SELECT 1 FROM till_blocks WHERE register = ?1 AND from_number <= ?2 AND until_number >= ?2',
  )

  const find = (id: string) => selectOrder.get(id) as unknown as FoundOrder | undefined
  const mustFind = (id: string): FoundOrder => {
    const order = find(id)
    if (order === undefined) throw new HubError('till_unknown', { kind: 'order', id })
    return order
  }
  const syncOf = (seq: number): Record<string, OutboxState> => {
    const sync: Record<string, OutboxState> = {}
    for (const { upstream, state } of selectSync.all(seq)) sync[String(upstream)] = state as OutboxState
    return sync
  }
  /** An entry that is being made waits for all of them. */
  const syncOfNew = () => {
    const queued = selectUpstreams.all().map(({ upstream }) => [String(upstream), 'queued'] as const)
    return Object.fromEntries(queued) satisfies Record<string, OutboxState>
  }
  const soldRow = ({
    seq,
    hash,
    number,
    reference,
    prints,
    invoice,
    customer,
    body,
    id,
  }: FoundOrder): SoldRow => {
    const refunded: Record<string, number> = {}
    for (const { line, quantity } of selectRefunds.all(id)) refunded[String(line)] = Number(quantity)
    const sync = syncOf(seq)
    return { seq, hash, number, reference, prints, invoice: invoice === 1, customer, body, refunded, sync }
  }

  const checkRefunds = (refunds: PayRow['refunds']): void => {
    const coming = new Map<string, number>()
    for (const { order, line, quantityE6, soldE6 } of refunds) {
      const key = JSON.stringify([order, line])
      const before = Number(selectRefund.get(order, line)?.quantity ?? 0) + (coming.get(key) ?? 0)
      if (before + quantityE6 > soldE6) {
        throw new HubError('refund_exceeded', { line, left: decimalOf(soldE6 - before) })
      }
      coming.set(key, (coming.get(key) ?? 0) + quantityE6)
    }
  }
  const numberFor = ({ register, number }: PayRow, lastNumber: number): number => {
    if (number === undefined) return lastNumber + 1
    const invalid = (reason: string) => new HubError('till_invalid', { path: 'number', reason })
    if (selectBlockOf.get(register, number) === undefined) {
      throw invalid(`${number} is not out of a block that was reserved for this register`)
    }
    if (selectByNumber.get(register, number) !== undefined) throw invalid(`${number} is used already`)
    return number
  }
  /** Throws whatever keeps the order from being paid. Answers its number and reference. */
  const check = (order: PayRow): { number: number; reference: string } => {
    const { id, register } = order
    draftsOfPaying.refuseCancelled(id)
    const session = selectSession.get(order.session)
    if (session === undefined || session.closed_at !== null || session.register !== register) {
      throw new HubError('session_closed', { register })
    }
    if (order.draft !== undefined) draftsOfPaying.expected(id, order.draft)
    else {
      const draft = draftsOfPaying.get(id)
      if (draft !== undefined) throw new HubError('order_changed', { version: draft.version })
    }
    checkRefunds(order.refunds)
    const { lastNumber, grandTotal } = counters.of(register)
    refuseBeyond(grandTotal, order.total)
    sums.check(order)
    const number = numberFor(order, lastNumber)
    const reference = `${order.prefix}${String(number).padStart(numberDigits, '0')}`
    if (selectByReference.get(reference) !== undefined) {
      const reason = `the reference ${reference} was given by another register; change the number of this one`
      throw new HubError('till_invalid', { path: 'register', reason })
    }
    return { number, reference }
  }
  const file = (order: PayRow, number: number, reference: string): Omit<SoldRow, 'body'> => {
    const { id, register, session, table, customer, label, tracking, employee, total, at } = order
    const entry = append('order', numbered(order.body, number, reference), at)
    const { seq, hash } = entry
    const place = [seq, id, register, session, number, reference, table, customer, label, tracking]
    const invoice = order.invoice ? 1 : 0
    insertOrder.run(...place, employee, total, order.refund ? 1 : 0, at, invoice, order.fingerprint)
    counters.sold(register, number, total)
    for (const { order: sold, line, quantityE6 } of order.refunds) addRefund.run(sold, line, quantityE6)
    sums.add(order)
    touchSession.run(seq, session)
    if (order.draft !== undefined) draftsOfPaying.remove(id)
    const since = { prints: 0, invoice: order.invoice, customer, refunded: {}, sync: syncOfNew() }
    return { seq, hash, number, reference, ...since }
  }

  return {
    reads: {
      ...drafts.reads,
      ...lists.reads,
      'orders.sold': (id: string): SoldRow | undefined => {
        const order = find(id)
        return order && soldRow(order)
      },
      'orders.byReference': (reference: string) => selectByReference.get(reference)?.id as string | undefined,
    },
    writes: {
      ...drafts.writes,
      /**
       * The order as JSON text, its body apart: two strings cross to the thread several times faster than many small parts. The
       * body of a new one is not sent back: whoever paid it has it.
       */
      'orders.pay': (text: string, body: string): Paid => {
        const order: PayRow = { ...(JSON.parse(text) as Omit<PayRow, 'body'>), body }
        const known = find(order.id)
        if (known !== undefined && known.fingerprint !== order.fingerprint) {
          throw new HubError('till_conflict', { kind: 'order', id: order.id })
        }
        if (known !== undefined) return { ...soldRow(known), repeated: true }
        const { number, reference } = check(order)
        return { ...file(order, number, reference), repeated: false }
      },
      'orders.printed': (id: string, { kind, body, at }: EntryRecord): number => {
        const order = mustFind(id)
        const prints = Number(countPrint.get(order.seq)?.prints)
        if (prints > 1) countDuplicate.run(append(kind, body, at).seq, order.register)
        return prints
      },
      'orders.invoice': (id: string, customer: string, { kind, body, at }: EntryRecord): SoldRow => {
        const order = mustFind(id)
        if (order.invoice === 1 && order.customer === customer) return soldRow(order)
        if (order.invoice === 1)
          throw new HubError('till_conflict', { kind: 'invoice', id, path: 'customer' })
        append(kind, body, at)
        wantInvoice.run(customer, order.seq)
        return soldRow(mustFind(id))
      },
      'orders.reserve': (block: Block, { kind, at }: Omit<EntryRecord, 'body'>) => {
        const { id, register, count, client, unusedMax = Number.POSITIVE_INFINITY } = block
        const known = selectBlock.get(id) as unknown as KnownBlock | undefined
        if (known !== undefined) {
          const { from, until } = known
          const same = known.register === register && known.client === client && until - from + 1 === count
          if (same) return { from, until }
          throw new HubError('till_conflict', { kind: 'block', id })
        }
        const unused = Number(countUnused.get(register, client)?.unused)
        if (unused + count > unusedMax) {
          const act = `reserve ${count} numbers more, with ${unused} unused`
          throw new HubError('right_missing', { right: 'manager', act, path: 'count' })
        }
        const from = counters.of(register).lastNumber + 1
        const until = from + count - 1
        append(kind, JSON.stringify({ id, register, from, until, client }), at)
        insertBlock.run(id, register, from, until, client, block.at)
        counters.set(register, { lastNumber: until })
        return { from, until }
      },
    },
  }
}

/** The body is there when the order was repeated. */
type Paid = Omit<SoldRow, 'body'> & { body?: string; repeated: boolean }

interface KnownBlock {
  register: string
  from: number
  until: number
  client: string
}

/** Millionths as decimal text. */
function decimalOf(e6: number): string {
  const [whole, part] = [Math.trunc(Math.abs(e6) / 1e6), Math.abs(e6) % 1e6]
  const digits = String(part).padStart(6, '0').replace(/0+$/, '')
  return `${e6 < 0 ? '-' : ''}${whole}${digits === '' ? '' : `.${digits}`}`
}
