/** Lists of orders, newest first. Each filter has an index that gives its rows in that order, so that a page costs a page. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { tillLimits } from '../../protocol/till/amounts.ts'
import type { OrderFilter } from './contract.ts'

/** An order as lists show it; the columns of drafts and of paid ones are alike. */
export interface ListedOrder {
  /** Place in the ledger; 0 for drafts. */
  seq: number
  id: string
  register: string
  session: string
  table: string | null
  customer: string | null
  label: string | null
  tracking: number | null
  reference: string | null
  total: number
  refund: 0 | 1
  version: number
  heldBy: string | null
  employee: string
  at: number
}

/** Behind this one a page begins. */
export interface ListCursor {
  at: number
  /** seq of a paid order, id of a draft. */
  key: number | string
}

export type ListQuery = Omit<OrderFilter, 'before'> & { before: ListCursor | undefined }

type Value = string | number
type Condition = readonly [sql: string, ...values: Value[]]

const paidColumns = `seq, id, register, session, table_id AS "table", customer, label, tracking, reference, total, refund,
  0 AS version, NULL AS "heldBy", employee, paid_at AS at`
const draftColumns = `0 AS seq, id, register, session, table_id AS "table", customer, label, tracking, NULL AS reference, total,
  0 AS refund, version, iif(held_until BETWEEN ? AND ?, held_by, NULL) AS "heldBy", employee, created_at AS at`

const selectThese = `SELECT ${paidColumns} FROM till_orders WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY paid_at DESC, seq DESC`

export function listOperations(db: DatabaseSync) {
  const prepared = new Map<string, StatementSync>()
  const rows = (sql: string, values: readonly Value[]): ListedOrder[] => {
    let statement = prepared.get(sql)
    if (statement === undefined) {
      statement = db.prepare(sql)
      prepared.set(sql, statement)
    }
    return statement.all(...values) as unknown as ListedOrder[]
  }
  const paid = (query: ListQuery): ListedOrder[] => {
    const queries = paidQueries(query)
    const [only] = queries
    if (queries.length === 1 && only !== undefined) return rows(only.sql, only.values)
    const found = new Map<number, number>()
    for (const { sql, values } of queries) for (const { seq, at } of rows(sql, values)) found.set(seq, at)
    const newest = [...found].sort(([a, at], [b, bAt]) => bAt - at || b - a).slice(0, query.limit)
    return rows(selectThese, [JSON.stringify(newest.map(([seq]) => seq))])
  }
  return {
    reads: {
      'orders.list': (query: ListQuery): ListedOrder[] =>
        query.state === 'paid' ? paid(query) : rows(...draftQuery(query)),
    },
  }
}

/**
 * What is asked of the paid orders: a page along each index that may have some of them. Of several they are places only, which the
 * index alone can tell.
 */
export function paidQueries(query: ListQuery): { sql: string; values: Value[] }[] {
  const { from = 0, until = Number.MAX_SAFE_INTEGER, before, limit } = query
  const { at, key } = before ?? { at: until, key: Number.MAX_SAFE_INTEGER }
  const page: Condition[] = [
    ['paid_at >= ?', from],
    ['paid_at <= ?', until],
    ['(paid_at, seq) < (?, ?)', at, key],
  ]
  const drivers = driversOf(query)
  const columns = drivers.length === 1 ? paidColumns : 'seq, paid_at AS at'
  return drivers.map(({ index, driver }) => {
    const conditions = [...driver, ...page, ...filters(query, driver)]
    const where = conditions.map(([sql]) => sql).join(' AND ')
    return {
      sql: `SELECT ${columns} FROM till_orders INDEXED BY ${index} WHERE ${where} ORDER BY paid_at DESC, seq DESC LIMIT ?`,
      values: [...conditions.flatMap(([, ...values]) => values), limit],
    }
  })
}

interface Drive {
  index: string
  driver: Condition[]
}

/** The indexes to walk along: of a text one for each thing that it may be, else the narrowest of the filters. */
function driversOf(query: ListQuery): Drive[] {
  const { text, customers, customer, total, session, table, register } = query
  if (text !== undefined || customers !== undefined) return textDrivers(text, customers ?? [])
  if (session !== undefined) return [{ index: 'till_orders_of_session', driver: [['session = ?', session]] }]
  if (customer !== undefined) {
    return [{ index: 'till_orders_of_customer', driver: [['customer = ?', customer]] }]
  }
  if (total !== undefined) return [{ index: 'till_orders_by_total', driver: [['total = ?', total]] }]
  if (table !== undefined) return [{ index: 'till_orders_of_table', driver: [['table_id = ?', table]] }]
  if (register !== undefined) {
    return [{ index: 'till_orders_of_register', driver: [['register = ?', register]] }]
  }
  return [{ index: 'till_orders_by_time', driver: [] }]
}

function textDrivers(text: string | undefined, customers: readonly string[]): Drive[] {
  const drives: Drive[] = customers.map((customer) => ({
    index: 'till_orders_of_customer',
    driver: [['customer = ?', customer]],
  }))
  if (text === undefined) return drives
  drives.push(
    // SQLite's own index of the UNIQUE column; it has one row at most.
    { index: 'sqlite_autoindex_till_orders_2', driver: [['reference = ?', text]] },
    { index: 'till_orders_by_label', driver: [['label = ? COLLATE NOCASE', text]] },
  )
  const number = /^\d{1,9}$/.test(text) ? Number(text) : undefined
  if (number === undefined) return drives
  drives.push(
    { index: 'till_orders_by_number', driver: [['number = ?', number]] },
    { index: 'till_orders_by_tracking', driver: [['tracking = ?', number]] },
  )
  return drives
}

function filters(query: ListQuery, driver: readonly Condition[]): Condition[] {
  const { register, session, table, customer, total } = query
  const conditions: Condition[] = []
  if (register !== undefined) conditions.push(['register = ?', register])
  if (session !== undefined) conditions.push(['session = ?', session])
  if (table !== undefined) conditions.push(['table_id = ?', table])
  if (customer !== undefined) conditions.push(['customer = ?', customer])
  if (total !== undefined) conditions.push(['total = ?', total])
  return conditions.filter(([sql, value]) => !driver.some(([own, given]) => own === sql && given === value))
}

/** Drafts are what is open now: few enough to be looked through. */
function draftQuery(query: ListQuery): [string, Value[]] {
  const { text, customers, from = 0, until = Number.MAX_SAFE_INTEGER, before, limit, now } = query
  const leases = now === undefined ? [0, Number.MAX_SAFE_INTEGER] : [now + 1, now + tillLimits.holdMsMax]
  const conditions: Condition[] = [
    ['created_at >= ?', from],
    ['created_at <= ?', until],
    ...filters(query, []),
  ]
  if (before !== undefined) conditions.push(['(created_at, id) < (?, ?)', before.at, before.key])
  if (text !== undefined || customers !== undefined) {
    const whose = customers ?? []
    const marks = whose.map(() => '?').join(', ')
    const words = text ?? ''
    conditions.push([
      `(label = ? COLLATE NOCASE OR tracking = ? OR customer IN (${marks}))`,
      words,
      /^\d{1,3}$/.test(words) ? Number(words) : -1,
      ...whose,
    ])
  }
  const where = conditions.map(([sql]) => sql).join(' AND ')
  const sql = `SELECT ${draftColumns} FROM till_drafts WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT ?`
  return [sql, [...leases, ...conditions.flatMap(([, ...values]) => values), limit]]
}
