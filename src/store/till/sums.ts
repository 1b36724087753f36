/** Sums of paid orders, and the stock that they moved: kept with each order. */
import type { DatabaseSync } from 'node:sqlite'
import type { PayRow, SumRow } from './contract.ts'

/** What the report of a session is made of; the rest of the sums is for reports over days. */
const reported = "'total', 'tax', 'method', 'discount', 'tip', 'rounding', 'refund'"

export function sumKeeping(db: DatabaseSync) {
  const addSum = db.prepare(
    `INSERT INTO till_sums VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (dimension, day, register, session, key) DO UPDATE SET
       orders = orders + excluded.orders, quantity_e6 = quantity_e6 + excluded.quantity_e6,
       net = net + excluded.net, tax = tax + excluded.tax, total = total + excluded.total`,
  )
  const addStock = db.prepare(
    `INSERT INTO till_stock VALUES (?, NULL, ?, NULL)
     ON CONFLICT (product) DO UPDATE SET moved_e6 = moved_e6 + excluded.moved_e6`,
  )
  const selectOfSession = db.prepare(
    `SELECT dimension, min(day) AS day, register, session, key, sum(orders) AS orders,
       sum(quantity_e6) AS "quantityE6", sum(net) AS net, sum(tax) AS tax, sum(total) AS total
     FROM till_sums WHERE session = ? AND dimension IN (${reported}) GROUP BY dimension, key`,
  )
  return {
    add(order: Pick<PayRow, 'sums' | 'stock'>): void {
      for (const { dimension, day, register, session, key, ...sum } of order.sums) {
        const { orders, quantityE6, net, tax, total } = sum
        addSum.run(dimension, day, register, session, key, orders, quantityE6, net, tax, total)
      }
      for (const { product, movedE6 } of order.stock) addStock.run(product, movedE6)
    },
    /** Over all its days, by dimension and key. */
    ofSession: (session: string) => selectOfSession.all(session) as unknown as SumRow[],
  }
}
