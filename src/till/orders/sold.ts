/** What happens to paid orders, and to their numbers: refunds begun, invoices asked for, blocks reserved. */
import { HubError } from '../../protocol/errors.ts'
import type { ParsedOrderInput, SoldOrder } from '../../protocol/till/order.ts'
import { covers } from '../../protocol/till/rights.ts'
import type { TillCaller, TillParams, TillResult } from '../parts.ts'
import { type Desk, requestOf } from './desk.ts'
import { soldOrder, soldSummary } from './documents.ts'
import { atPath, codeOf, invalid, noOrder, withPath } from './errors.ts'
import { orderLimits } from './parts.ts'
import { prefixOf } from './pay.ts'
import { refundInput } from './refunds.ts'

/** A draft that brings lines back; the same request again answers the same draft. */
export async function beginRefund(
  desk: Desk,
  params: TillParams<'till.order.refund'>,
  caller: TillCaller,
): Promise<TillResult<'till.order.refund'>> {
  const { id, lines, login, order, register } = params
  const actor = await desk.cashier(caller, login, 'take goods back')
  const request = requestOf('till.order.refund', params)
  const known = await desk.kept(id)
  if (known?.notes.last === request) return known.draft
  if (known !== undefined) throw new HubError('till_conflict', { kind: 'order', id })
  const original = await paidOrder(desk, order)
  const input: ParsedOrderInput = {
    ...{ id, register, table: null, guests: 0, customer: original.customer, discount: '0', tip: 0 },
    lines: refundInput(original, lines),
  }
  if (input.lines.length === 0) throw invalid('order', `${original.reference} has come back already`)
  const priced = await desk.price(input, undefined)
  const session = await desk.parts.sessions.selling(priced.register)
  const kept = desk.draftOf(priced, undefined, session.id, actor, caller, request)
  try {
    const [saved] = await desk.change([{ kept, version: 0 }], caller)
    return saved!.draft
  } catch (error) {
    // Asked twice at once, and the other one was first.
    const now = codeOf(error) === 'order_changed' ? await desk.kept(id) : undefined
    if (now?.notes.last === request) return now.draft
    throw error
  }
}

/** Throws `till_unknown`, and `till_invalid` for a receipt number, which is no id, and for an order that is not paid. */
async function paidOrder(desk: Desk, id: string): Promise<SoldOrder> {
  const row = await desk.orders.sold(id)
  if (row !== undefined) return soldOrder(row)
  if ((await desk.orders.byReference(id)) !== undefined)
    throw invalid('order', 'is a receipt number; find the id of its order with till.order.list or till.scan')
  if ((await desk.kept(id)) !== undefined) throw invalid('order', 'is not paid yet; change it, or cancel it')
  throw withPath('order', noOrder(id))
}

export async function wantInvoice(
  desk: Desk,
  { customer, id, login }: TillParams<'till.order.invoice'>,
  caller: TillCaller,
): Promise<TillResult<'till.order.invoice'>> {
  const actor = await desk.seller(caller, login, 'ask for an invoice')
  await desk.parts.catalogue.customer(customer).catch((error: unknown) => {
    throw withPath('customer', error)
  })
  const { reference } = await desk.sold(id)
  const body = { order: id, reference, customer, by: actor.id }
  const order = soldOrder(await desk.orders.invoice(id, customer, { kind: 'invoice', body, at: desk.now }))
  desk.tell(soldSummary(order, null))
  return order
}

export async function reserveNumbers(
  desk: Desk,
  { count, id, login, register: wanted }: TillParams<'till.number.reserve'>,
  caller: TillCaller,
): Promise<TillResult<'till.number.reserve'>> {
  const { right } = await desk.seller(caller, login, 'reserve numbers')
  const register = atPath('register', () => desk.parts.catalogue.must('register', wanted))
  const at = desk.now
  const unusedMax = covers(right, 'manager') ? undefined : orderLimits.unusedNumbersMax
  const block = { id, register: register.id, count, client: caller.client, at, unusedMax }
  const { from, until } = await desk.orders.reserve(block, { kind: 'numbers.reserved', at })
  return { from, until, prefix: prefixOf(desk, register) }
}
