/** The SQL of reports and stock: sums over days, what is on hand. */
import type { DatabaseSync } from 'node:sqlite'
import type { Books } from '../books.ts'
import type { Append } from '../ledger.ts'
import type { ReportStore, SumRow } from './contract.ts'

type Query = Parameters<ReportStore['report']>[0]
type Report = Awaited<ReturnType<ReportStore['report']>>
type Stock = Awaited<ReturnType<ReportStore['stock']>>

/** Not `sum`: what a number does not hold exactly any more is told as nearly as it does. */
const sums = `total(orders) AS orders, total(quantity_e6) AS "quantityE6", total(net) AS net, total(tax) AS tax,
  total(total) AS total`
const range = 'FROM till_sums WHERE dimension = ? AND day BETWEEN ? AND ? AND (?4 IS NULL OR register = ?4)'

export function reportOperations(db: DatabaseSync, append: Append) {
  const grouped = (key: string, order: string) =>
    db.prepare(`SELECT ${key} AS key, ${sums} ${range} GROUP BY ${key} ORDER BY ${order} LIMIT ?`)
  const selectByKey = grouped('key', 'total DESC, key')
  const selectByHour = grouped('key', 'key')
  const selectByDay = grouped('day', 'day')
  const selectByRegister = grouped('register', 'total DESC, register')
  const selectTotal = db.prepare(`SELECT ${sums} ${range}`)
  const selectStock = db.prepare(
    'SELECT product, on_hand_e6 AS "onHandE6", moved_e6 AS "movedE6", synced_at AS "syncedAt" FROM till_stock WHERE product = ?',
  )
  const upsertStock = db.prepare(
    `INSERT INTO till_stock VALUES (?, ?, 0, ?) ON CONFLICT (product) DO UPDATE SET
       on_hand_e6 = excluded.on_hand_e6, moved_e6 = 0, synced_at = excluded.synced_at`,
  )
  const statementOf = (by: Query['by']) => {
    if (by === 'day') return { dimension: 'total', select: selectByDay } as const
    if (by === 'register') return { dimension: 'total', select: selectByRegister } as const
    return { dimension: by, select: by === 'hour' ? selectByHour : selectByKey } as const
  }
  return {
    reads: {
      'reports.sums': ({ by, from, until, register = undefined, limit }: Query): Report => {
        const { dimension, select } = statementOf(by)
        const only = register ?? null
        return {
          rows: select.all(dimension, from, until, only, limit) as unknown as Report['rows'],
          total: selectTotal.get(
            'total' satisfies SumRow['dimension'],
            from,
            until,
            only,
          ) as unknown as Report['total'],
        }
      },
      'reports.stock': (products: readonly string[]): Stock =>
        products.map(
          (product) =>
            (selectStock.get(product) as unknown as Stock[number] | undefined) ?? {
              product,
              onHandE6: null,
              movedE6: 0,
              syncedAt: null,
            },
        ),
    },
    writes: {
      /** What was on hand is a fact like any other: the ledger tells from which number the moves were counted. */
      'reports.putStock': (rows: readonly { product: string; onHandE6: number }[], at: number): void => {
        append('stock.synced', JSON.stringify({ stock: rows }), at)
        for (const { product, onHandE6 } of rows) upsertStock.run(product, onHandE6, at)
      },
    },
  }
}

export function reportsOver(books: Books): ReportStore {
  return {
    report: (query) => books.lookUp('reports.sums', query),
    stock: (products) => books.read('reports.stock', products),
    putStock: (rows, at) => books.write('reports.putStock', rows, at),
  }
}
