/** Sums of paid orders, and the stock that they moved: kept with each order. */
import type { DatabaseSync } from 'node:sqlite'
import { HubError } from '../../protocol/errors.ts'
import type { PayRow, SumRow } from './contract.ts'

export const sumLimits = {
  /** No order carries a sum beyond this, minor units or millionths: half of what a number holds exactly. */
  amountMax: 2 ** 52,
  /** So little is added unasked: to get from the bound to what cannot be read any more takes millions of orders. */
  smallMax: 1_000_000_000,
} as const

/** What the report of a session is made of; the rest of the sums is for reports over days. */
const reported = "'total', 'tax', 'method', 'discount', 'tip', 'rounding', 'refund', 'late'"

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
       total(quantity_e6) AS "quantityE6", total(net) AS net, total(tax) AS tax, total(total) AS total
     FROM till_sums WHERE session = ? AND dimension IN (${reported}) GROUP BY dimension, key`,
  )
  const selectSum = db.prepare(
    `SELECT quantity_e6 AS "quantityE6", net, tax, total FROM till_sums
     WHERE dimension = ? AND day = ? AND register = ? AND session = ? AND key = ?`,
  )
  const selectStock = db.prepare('SELECT moved_e6 AS moved FROM till_stock WHERE product = ?')
  return {
    /** Throws `till_invalid` for an order that would make a sum too large to be read. */
    check(order: Pick<PayRow, 'sums' | 'stock'>): void {
      for (const sum of order.sums) {
        if (isSmall(sum)) continue
        const { dimension, day, register, session, key } = sum
        const before = selectSum.get(dimension, day, register, session, key)
        for (const name of amounts) refuseBeyond(Number(before?.[name] ?? 0), sum[name])
      }
      for (const { product, movedE6 } of order.stock) {
        if (Math.abs(movedE6) <= sumLimits.smallMax) continue
        refuseBeyond(Number(selectStock.get(product)?.moved ?? 0), movedE6)
      }
    },
    add(order: Pick<PayRow, 'sums' | 'stock'>): void {
      for (const sum of order.sums) {
        const { dimension, day, register, session, key, orders, quantityE6, net, tax, total } = sum
        addSum.run(dimension, day, register, session, key, orders, quantityE6, net, tax, total)
      }
      for (const { product, movedE6 } of order.stock) addStock.run(product, movedE6)
    },
    /** Over all its days, by dimension and key. */
    ofSession: (session: string) => selectOfSession.all(session) as unknown as SumRow[],
  }
}

const amounts = ['quantityE6', 'net', 'tax', 'total'] as const

const isSmall = ({ quantityE6, net, tax, total }: SumRow): boolean =>
  Math.max(Math.abs(quantityE6), Math.abs(net), Math.abs(tax), Math.abs(total)) <= sumLimits.smallMax

/** Throws `till_invalid` when the sum would be beyond the bound, on the side to which the amount carries it. */
export function refuseBeyond(before: number, amount: number): void {
  const after = Math.sign(amount) * (before + amount)
  if (after <= sumLimits.amountMax) return
  const reason = 'come to more than the sums of the till can hold; look at the quantities'
  throw new HubError('till_invalid', { path: 'lines', reason })
}
