/** What a paid order adds to the sums of its session and its day, and which goods it moved. */
import type { OrderLine, PaidOrder } from '../../protocol/till/order.ts'
import type { PayRow, SumRow } from '../../store/store.ts'
import { toE6 } from '../engine/millionths.ts'

type Amounts = Pick<SumRow, 'orders' | 'quantityE6' | 'net' | 'tax' | 'total'>
type Unnumbered = Omit<PaidOrder, 'number' | 'reference'>

const none: Amounts = { orders: 0, quantityE6: 0, net: 0, tax: 0, total: 0 }

/**
 * One row for each key that the order touches. `orders` is 1 in each, but for methods, where it counts payments, change not
 * counted. total, refund: key ''. discount: what was saved, key ''. tip: key ''. rounding: paid - total, key ''. tax: `net` is
 * the base. category: '' for none. late: the session that it was paid in.
 */
export function sumsOf(order: Unnumbered, { day, hour }: { day: string; hour: string }): SumRow[] {
  const rows = new Map<string, SumRow>()
  const { register, session, totals } = order
  const add = (dimension: SumRow['dimension'], key: string, amounts: Partial<Amounts>) => {
    const id = `${dimension} ${key}`
    const row = rows.get(id) ?? { dimension, day, register, session, key, ...none }
    row.quantityE6 += amounts.quantityE6 ?? 0
    row.net += amounts.net ?? 0
    row.tax += amounts.tax ?? 0
    row.total += amounts.total ?? 0
    row.orders += amounts.orders ?? 0
    rows.set(id, row)
  }
  const items = order.lines.filter(({ kind }) => kind === 'item')
  const whole = {
    orders: 1,
    quantityE6: items.reduce((sum, { quantity }) => sum + toE6(quantity), 0),
    net: totals.net,
    tax: totals.tax,
    total: totals.total,
  }
  add('total', '', whole)
  add('hour', hour, whole)
  add('employee', order.employee, whole)
  if (order.refund) add('refund', '', whole)
  if (order.lateFor !== undefined) add('late', order.lateFor, whole)
  for (const line of order.lines) {
    add('product', line.product, amountsOf(line))
    add('category', line.category ?? '', amountsOf(line))
  }
  for (const { tax, base, amount } of totals.taxes)
    add('tax', tax, { net: base, tax: amount, total: base + amount })
  for (const row of rows.values())
    if (row.dimension === 'product' || row.dimension === 'category' || row.dimension === 'tax') row.orders = 1
  for (const { method, amount, change } of order.payments)
    add('method', method, { orders: change ? 0 : 1, total: amount })
  if (totals.discounts !== 0) add('discount', '', { orders: 1, total: totals.discounts })
  if (totals.tip !== 0) add('tip', '', { orders: 1, total: totals.tip })
  if (order.paid !== totals.total) add('rounding', '', { orders: 1, total: order.paid - totals.total })
  return [...rows.values()]
}

/** Sold goods leave the stock, those that are brought back return to it. `goods` are the products that move stock. */
export function stockOf(lines: readonly OrderLine[], goods: ReadonlySet<string>): PayRow['stock'] {
  const moved = new Map<string, number>()
  for (const { kind, product, quantity } of lines)
    if (kind === 'item' && goods.has(product)) moved.set(product, (moved.get(product) ?? 0) - toE6(quantity))
  return [...moved].filter(([, movedE6]) => movedE6 !== 0).map(([product, movedE6]) => ({ product, movedE6 }))
}

function amountsOf({ kind, quantity, net, tax, gross }: OrderLine): Partial<Amounts> {
  return { quantityE6: kind === 'item' ? toE6(quantity) : 0, net, tax, total: gross }
}
