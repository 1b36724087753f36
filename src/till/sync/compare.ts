/** Whether an upstream has an order as it was sold. */
import type { PaidOrder } from '../../protocol/till/order.ts'
import type { Figures } from './upstream.ts'

/** undefined when all that the upstream told is equal; otherwise what is not, for a person. */
export function differenceOf(order: PaidOrder, there: Figures): string | undefined {
  const here: Required<Figures> = {
    total: order.totals.total,
    tax: order.totals.tax,
    paid: order.paid,
    payments: order.payments.filter(({ change }) => !change).length,
    lines: order.lines.length,
  }
  const differences = (Object.keys(here) as (keyof Figures)[])
    .filter((field) => there[field] !== undefined && there[field] !== here[field])
    .map((field) => `${field} ${there[field]} there, ${here[field]} here`)
  return differences.length === 0 ? undefined : differences.join('; ')
}
