/** Drafts: saved, worked out, held, let go, cancelled. */
import { HubError } from '../../protocol/errors.ts'
import type { EntryInput } from '../../store/store.ts'
import type { TillCaller, TillParams, TillResult } from '../parts.ts'
import { type Desk, refuseOther, repeated, requestOf } from './desk.ts'
import { draftSummary, iso, keptDraft } from './documents.ts'
import { codeOf, noOrder } from './errors.ts'
import { untellKitchens } from './kitchen.ts'
import { allowNeeds, needsOf } from './rights.ts'

export async function saveDraft(
  desk: Desk,
  params: TillParams<'till.order.save'>,
  caller: TillCaller,
): Promise<TillResult<'till.order.save'>> {
  const { login, order, version } = params
  const actor = await desk.seller(caller, login, 'change orders')
  const request = requestOf('till.order.save', params)
  const before = await desk.kept(order.id)
  const same = repeated(before, version, request)
  if (same !== undefined) return same.draft
  if (before !== undefined) refuseOther(before, version)
  const priced = await desk.price(order, before?.draft)
  await allowNeeds(desk.parts.people, caller, actor, needsOf(before, priced))
  const session = await desk.parts.sessions.selling(priced.register)
  const kept = desk.draftOf(priced, before, session.id, actor, caller, request)
  try {
    const [saved] = await desk.change([{ kept, version }], caller)
    desk.weighings.claim(order.id, priced.items)
    return saved!.draft
  } catch (error) {
    // The same request came twice at once, and the other one was first.
    const now = codeOf(error) === 'order_changed' ? await desk.kept(order.id) : undefined
    const same = repeated(now, version, request)
    if (same !== undefined) return same.draft
    throw error
  }
}

export async function computeDraft(
  desk: Desk,
  { login, order }: TillParams<'till.order.compute'>,
  caller: TillCaller,
): Promise<TillResult<'till.order.compute'>> {
  await desk.seller(caller, login, 'work orders out')
  const before = await desk.kept(order.id)
  const { lines, rules, totals } = await desk.price(order, before?.draft)
  return { id: order.id, lines, totals, rules }
}

/**
 * A lease ends by its time alone: a tablet that sleeps, or loses its network for a moment, keeps what it works on until then.
 */
export async function holdDraft(
  desk: Desk,
  { id, login, ms }: TillParams<'till.order.hold'>,
  caller: TillCaller,
): Promise<TillResult<'till.order.hold'>> {
  const { name } = await desk.seller(caller, login, 'hold orders')
  const { now } = desk
  const row = await desk.orders.hold(id, { client: caller.client, by: name, until: now + ms }, now)
  const { draft } = keptDraft(row, now)
  desk.tell(draftSummary(draft))
  return draft
}

export async function releaseDraft(
  desk: Desk,
  { id }: TillParams<'till.order.release'>,
  caller: TillCaller,
): Promise<TillResult<'till.order.release'>> {
  const row = await desk.orders.release(id, caller.client)
  if (row !== undefined) desk.tell(draftSummary(keptDraft(row, desk.now).draft))
  return {}
}

/** An order without lines is nothing yet: whoever sells may drop it. */
export async function cancelDraft(
  desk: Desk,
  { id, login, reason, version }: TillParams<'till.order.cancel'>,
  caller: TillCaller,
): Promise<TillResult<'till.order.cancel'>> {
  const actor = await desk.seller(caller, login, 'cancel orders')
  const kept = await desk.kept(id)
  if (kept === undefined) return goneAlready(desk, id, caller)
  const { draft } = kept
  refuseOther(kept, version)
  const begun = draft.lines.length > 0 || Object.keys(draft.kitchen.sent).length > 0
  const needs = begun ? [{ right: 'cashier' as const, act: 'cancel an order', path: 'id' }] : []
  await allowNeeds(desk.parts.people, caller, actor, needs)
  const { bills, createdAt, employee, kitchen, lines, register, session, table, totals, tracking } = draft
  const told = lines.map(({ product, name, quantity, price, discount, gross }) => {
    return { product, name, quantity, price, discount, gross }
  })
  const entry: EntryInput = {
    kind: 'order.cancelled',
    at: desk.now,
    body: {
      ...{ id, register, session, tracking, table, createdAt, cancelledAt: iso(desk.now) },
      ...{ by: actor.id, employee, till: caller.name, reason: reason ?? null },
      ...{ total: totals.total, lines: told, kitchen: kitchen.sent, bills },
    },
  }
  await desk.change([], caller, [draft], [entry])
  await untellKitchens(desk, kept, actor, caller)
  return {}
}

/** Cancelled already: asked again, and all is well. Throws `order_ended` for a paid one, `till_unknown`. */
async function goneAlready(desk: Desk, id: string, caller: TillCaller): Promise<Record<string, never>> {
  try {
    await desk.orders.hold(id, { client: caller.client, by: caller.name, until: 0 }, desk.now)
  } catch (error) {
    if (error instanceof HubError && error.code === 'order_ended' && error.context.state === 'cancelled')
      return {}
    throw error
  }
  throw noOrder(id)
}
