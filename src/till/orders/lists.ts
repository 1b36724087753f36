/** Looking orders up: one by its id, many by what is known of them. */
import type { TillParams, TillResult } from '../parts.ts'
import type { Desk } from './desk.ts'
import { soldOrder } from './documents.ts'
import { noOrder } from './errors.ts'
import { orderLimits } from './parts.ts'

/** Throws `till_unknown`. */
export async function getOrder(
  desk: Desk,
  { id }: TillParams<'till.order.get'>,
): Promise<TillResult<'till.order.get'>> {
  const kept = await desk.kept(id)
  if (kept !== undefined) return { draft: kept.draft }
  const row = await desk.orders.sold(id)
  if (row === undefined) throw noOrder(id)
  return { sold: soldOrder(row) }
}

/** A text finds orders by what is on them, and those of customers whom it finds. */
export async function listOrders(
  desk: Desk,
  { from, until, ...filter }: TillParams<'till.order.list'>,
): Promise<TillResult<'till.order.list'>> {
  const { catalogue } = desk.parts.tools.store.till
  const { text } = filter
  const customers =
    text === undefined
      ? undefined
      : (await catalogue.searchCustomers({ text, limit: orderLimits.customersMax })).map(({ id }) => id)
  return desk.orders.list({
    ...filter,
    customers,
    from: from === undefined ? undefined : Date.parse(from),
    until: until === undefined ? undefined : Date.parse(until),
    now: desk.now,
  })
}
