/** Paying: from a draft, or an order sent along, to an entry of the ledger that never changes again. */
import { HubError } from '../../protocol/errors.ts'
import type { Customer, Register } from '../../protocol/till/catalogue.ts'
import type { PaidOrder, SoldOrder } from '../../protocol/till/order.ts'
import type { Session } from '../../protocol/till/session.ts'
import type { PayRow, SoldRow } from '../../store/store.ts'
import type { Settled } from '../engine/contract.ts'
import { moneyText } from '../engine/money-text.ts'
import { offeredAt } from '../engine/payments.ts'
import type { Actor, TillCaller, TillParams, TillResult } from '../parts.ts'
import { afterPayment } from './after-payment.ts'
import { type Desk, lostRace, refuseOther, requestOf } from './desk.ts'
import { iso, type KeptDraft, onlyBringsBack, soldOrder } from './documents.ts'
import { atPath, invalid, noOrder } from './errors.ts'
import { momentOf } from './late.ts'
import { orderLimits } from './parts.ts'
import type { PricedOrder } from './pricing.ts'
import { refundRows } from './refunds.ts'
import { allowNeeds, needsOf } from './rights.ts'
import { settleBill } from './settling.ts'
import type { ShopTime } from './shop-time.ts'
import { stockOf, sumsOf } from './sums.ts'

type PayParams = TillParams<'till.order.pay'>

/** What is to be paid, from whichever side it came. */
interface ToPay {
  kept: KeptDraft
  register: Register
  customer: Customer | null
  original: SoldOrder | null
  session: Session
  /** Who agreed to what the actor may not do alone. */
  approver: Actor | null
}

export async function payOrder(
  desk: Desk,
  time: ShopTime,
  params: PayParams,
  caller: TillCaller,
): Promise<TillResult<'till.order.pay'>> {
  const actor = await desk.seller(caller, params.login, 'take payments')
  const { print: _print, ...content } = params
  const request = requestOf('till.order.pay', content)
  for (let tries = 1; ; tries++) {
    try {
      return await payOnce(desk, time, { ...params, request }, actor, caller)
    } catch (error) {
      // The draft moved on between reading and filing. An order that was sent whole does not depend on it.
      const again = lostRace(error) && params.order !== undefined && params.version === undefined
      if (!again || tries >= orderLimits.triesMax) throw error
    }
  }
}

async function payOnce(
  desk: Desk,
  time: ShopTime,
  params: PayParams & { request: string },
  actor: Actor,
  caller: TillCaller,
): Promise<SoldOrder> {
  const { approval, expectedTotal, id, invoice, order, payments, request } = params
  if (order !== undefined && order.id !== id) throw invalid('order.id', `is not ${id}, the order to be paid`)
  const [draft, row] = await Promise.all([desk.kept(id), desk.orders.sold(id)])
  if (row !== undefined) return paidAlready(desk, row, request)

  const { approver, customer, kept, original, register, session } = await toPay(
    desk,
    draft,
    params,
    actor,
    caller,
  )
  const { lines, totals } = kept.draft
  if (!lines.some(({ kind, quantity }) => kind === 'item' && Number(quantity) !== 0))
    throw invalid('lines', 'is empty; put something in before it is paid')
  if (totals.total !== expectedTotal)
    throw new HubError('total_differs', {
      ...{ total: totals.total, expected: expectedTotal },
      totalText: moneyText(totals.total, kept.draft.rules),
      expectedText: moneyText(expectedTotal, kept.draft.rules),
    })
  if (invoice && customer === null) throw invalid('invoice', 'needs a customer: set one on the order')
  const due = totals.total + totals.rounding
  const bill = { order: id, register, customer, due, payments }
  const settled = await settleBill(bill, actor, approval, caller, desk.parts)
  const { at, lateFor } = await momentOf(desk, params, session)
  const paid = {
    ...paidOrder(kept, settled, session, iso(at), invoice),
    ...(approver !== null && { approvedBy: approver.id }),
    ...(lateFor !== undefined && { lateFor }),
  }
  const version = draft?.draft.version
  const sold = await desk.orders.pay({
    // A day that is over keeps its sums: what comes late counts when it is filed.
    ...payRow(paid, kept, time.at(lateFor === undefined ? at : desk.now, desk.parts.catalogue.shop.timeZone)),
    prefix: prefixOf(desk, register),
    ...(params.number !== undefined && { number: params.number }),
    fingerprint: request,
    ...(version !== undefined && { draft: { version, client: caller.client, now: desk.now } }),
    refunds: refundRows(paid.lines, original),
    at,
  })
  const answer = soldOrder(sold)
  desk.weighings.claim(id, answer.lines)
  if (!sold.repeated) {
    afterPayment(
      desk,
      {
        order: answer,
        register,
        methods: offeredAt(register, desk.parts.catalogue.all('paymentMethod')),
        tracking: kept.draft.tracking || null,
        print: params.print ?? register.autoPrint,
        drawer: params.paidAt === undefined,
      },
      caller,
    )
  }
  return answer
}

/** Answers it again, whether the register is open still or not. Throws `till_conflict` when it was paid with other content. */
async function paidAlready(desk: Desk, row: SoldRow, fingerprint: string): Promise<SoldOrder> {
  const { number: _number, reference: _reference, ...paid } = soldOrder(row)
  return soldOrder(await desk.orders.pay({ ...emptyRow(paid), fingerprint }))
}

/** The draft as it lies there, at the prices that the customer was told; or the order sent along, worked out now. */
async function toPay(
  desk: Desk,
  before: KeptDraft | undefined,
  { approval, id, order, paidAt, request, version }: PayParams & { request: string },
  actor: Actor,
  caller: TillCaller,
): Promise<ToPay> {
  const { catalogue, people, sessions } = desk.parts
  if (version !== undefined && version > 0 && before === undefined) await desk.mustKeep(id)
  if (before !== undefined && version !== undefined) refuseOther(before, version)
  if (order !== undefined) {
    // What was sold without the hub was sold at the prices of that moment.
    const at = paidAt === undefined ? desk.now : Math.min(Date.parse(paidAt), desk.now)
    const priced: PricedOrder = await desk.price(order, before?.draft, at)
    const approver = await allowNeeds(people, caller, actor, needsOf(before, priced), approval)
    const session = await sessions.selling(priced.register)
    const kept = desk.draftOf(priced, before, session.id, actor, caller, request)
    const { customer, original, register } = priced
    return { kept, register, customer, original, session, approver }
  }
  if (before === undefined) throw noOrder(id)
  if (version === undefined) throw invalid('version', 'is needed to pay a draft; or send the order itself')
  const { draft } = before
  const register = atPath('register', () => catalogue.must('register', draft.register))
  const refundOf = draft.lines.find((line) => line.refundOf !== undefined)?.refundOf
  const [session, customer, original] = await Promise.all([
    sessions.selling(register),
    draft.customer === null ? null : catalogue.customer(draft.customer),
    refundOf === undefined ? null : desk.sold(refundOf.order),
  ])
  return { kept: before, register, customer, original, session, approver: null }
}

/** Lines of nothing are left out: they were put down to zero, and count for nothing. */
function paidOrder(
  { draft }: KeptDraft,
  settled: Settled,
  session: Session,
  paidAt: string,
  invoice: boolean,
): Omit<PaidOrder, 'number' | 'reference'> {
  const { bills: _b, held: _h, kitchen: _k, tracking: _t, updatedAt: _u, version: _v, ...order } = draft
  const lines = draft.lines.filter(({ quantity }) => Number(quantity) !== 0)
  const refund = onlyBringsBack(lines)
  return { ...order, state: 'paid', session: session.id, lines, refund, ...settled, paidAt, invoice }
}

type FiledRow = Omit<PayRow, 'prefix' | 'fingerprint' | 'refunds' | 'at'>

function payRow(
  paid: Omit<PaidOrder, 'number' | 'reference'>,
  { draft, notes }: Pick<KeptDraft, 'draft' | 'notes'>,
  moment: { day: string; hour: string },
): FiledRow {
  return {
    ...columnsOf(paid),
    tracking: draft.tracking || null,
    sums: sumsOf(paid, moment),
    stock: stockOf(paid.lines, new Set(notes.goods)),
    body: JSON.stringify(paid),
  }
}

function columnsOf({
  id,
  register,
  session,
  table,
  customer,
  label,
  employee,
  totals,
  refund,
  invoice,
}: Omit<PaidOrder, 'number' | 'reference'>) {
  return {
    ...{ id, register, session, table, customer, employee, refund, invoice },
    label: label ?? null,
    total: totals.total,
  }
}

/** Asks the store whether an order is the one that it has: nothing of this is filed. */
function emptyRow(paid: Omit<PaidOrder, 'number' | 'reference'>): Omit<PayRow, 'fingerprint'> {
  const nothing = { tracking: null, sums: [], stock: [], refunds: [], prefix: '', body: '{}', at: 0 }
  return { ...columnsOf(paid), ...nothing }
}

/** Opens every reference of a register of this box. */
export function prefixOf(desk: Desk, register: Register): string {
  return `${desk.parts.catalogue.shop.box ?? 'BOX'}-${register.number}-`
}
