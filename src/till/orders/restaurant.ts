/** Tables: a bill that is shared, bills that are put together, a party that moves. */
import { HubError } from '../../protocol/errors.ts'
import type { Draft } from '../../protocol/till/order.ts'
import { fromE6, toE6 } from '../engine/millionths.ts'
import { mergeLines, splitLines } from '../engine/split.ts'
import type { TillCaller, TillParams, TillResult } from '../parts.ts'
import { type Desk, newNotes, refuseOther, repeated, requestOf } from './desk.ts'
import { iso, type KeptDraft } from './documents.ts'
import { atPath, codeOf, invalid } from './errors.ts'
import { reworked } from './rework.ts'

/** Both parts keep prices and ids of their lines, and what the kitchen was told of them. */
export async function splitDraft(
  desk: Desk,
  params: TillParams<'till.order.split'>,
  caller: TillCaller,
): Promise<TillResult<'till.order.split'>> {
  const { id, into, lines: wanted, login, version } = params
  const actor = await desk.cashier(caller, login, 'split bills')
  if (into === id) throw invalid('into', 'is the order itself; choose a new id')
  const request = requestOf('till.order.split', params)
  const [before, known] = await Promise.all([desk.mustKeep(id), desk.kept(into)])
  const same = repeated(before, version, request)
  if (same !== undefined && known !== undefined) return { left: same.draft, taken: known.draft }
  if (known !== undefined) throw new HubError('till_conflict', { kind: 'order', id: into })
  refuseOther(before, version)
  const { draft } = before
  if (draft.lines.some(({ refundOf }) => refundOf !== undefined))
    throw invalid('id', 'is a refund; begin two refunds instead')
  const { left, taken } = splitLines(itemsOf(draft), wanted)
  if (left.length === 0) throw invalid('lines', 'would leave nothing; move the order instead')
  const session = await sessionOf(desk, draft)
  const parts = splitKitchen(draft.kitchen.sent, left, taken)
  const stays = reworked(desk, before, left, {
    session,
    last: request,
    kitchen: { ...draft.kitchen, sent: parts.left },
  })
  const goes = reworked(desk, before, taken, {
    session,
    last: request,
    kitchen: { ...draft.kitchen, sent: parts.taken },
    tip: 0,
  })
  const { label: _label, ...rest } = goes.draft
  const fresh: Draft = {
    ...rest,
    ...{ id: into, version: 0, tracking: 0, held: null, bills: 0, guests: 0 },
    createdAt: iso(desk.now),
    employee: actor.id,
    till: caller.name,
  }
  const told = Object.entries(before.notes.told).filter(([line]) => taken.some(({ id: own }) => own === line))
  const { chosen, goods } = before.notes
  const notes = { ...newNotes(), chosen, goods, last: request, told: Object.fromEntries(told) }
  const [one, other] = await desk.change(
    [
      { kept: stays, version },
      { kept: { draft: fresh, notes }, version: 0 },
    ],
    caller,
  )
  desk.weighings.claim(into, taken)
  return { left: one!.draft, taken: other!.draft }
}

/** What was told of a line stays with what stays of it; the rest goes along. */
function splitKitchen(
  sent: Readonly<Record<string, string>>,
  left: readonly { id: string; quantity: string }[],
  taken: readonly { id: string; quantity: string }[],
): { left: Record<string, string>; taken: Record<string, string> } {
  const stays = new Map(left.map(({ id, quantity }) => [id, toE6(quantity)]))
  const parts = { left: {} as Record<string, string>, taken: {} as Record<string, string> }
  for (const [line, quantity] of Object.entries(sent)) {
    const told = toE6(quantity)
    const goes = taken.some(({ id }) => id === line)
    const kept = goes ? Math.min(told, Math.max(0, stays.get(line) ?? 0)) : told
    if (kept > 0) parts.left[line] = fromE6(kept)
    if (told > kept) parts.taken[line] = fromE6(told - kept)
  }
  return parts
}

/** `from` is gone then. Both must be free; asked again, the answer is the same. */
export async function mergeDrafts(
  desk: Desk,
  params: TillParams<'till.order.merge'>,
  caller: TillCaller,
): Promise<TillResult<'till.order.merge'>> {
  const { from, into, login } = params
  await desk.cashier(caller, login, 'put bills together')
  if (from === into) throw invalid('from', 'is the same order as into')
  const target = await desk.mustKeep(into)
  const source = await desk.kept(from)
  if (source === undefined) {
    if (target.notes.merged.includes(from)) return target.draft
    await desk.mustKeep(from)
  }
  const { draft, notes } = source!
  refuseUnlike(target.draft, draft)
  const { lines, moved } = mergeLines(itemsOf(target.draft), itemsOf(draft))
  const movedKey = <T>(record: Readonly<Record<string, T>>) =>
    Object.entries(record).map(([line, value]) => [moved.get(line) ?? line, value] as const)
  const sent = { ...target.draft.kitchen.sent }
  for (const [line, quantity] of movedKey(draft.kitchen.sent))
    sent[line] = fromE6(toE6(sent[line] ?? '0') + toE6(quantity))
  const kept = reworked(desk, target, lines, {
    session: await sessionOf(desk, target.draft),
    last: requestOf('till.order.merge', params),
    kitchen: {
      sentAt: [target.draft.kitchen.sentAt, draft.kitchen.sentAt].sort().at(-1) ?? null,
      sent,
      fired: [...new Set([...target.draft.kitchen.fired, ...draft.kitchen.fired])].sort((a, b) => a - b),
    },
    tip: target.draft.totals.tip + draft.totals.tip,
    taxes: [...target.draft.rules.taxes, ...draft.rules.taxes],
  })
  const merged: KeptDraft = {
    draft: {
      ...kept.draft,
      guests: Math.min(target.draft.guests + draft.guests, 1_000),
      customer: target.draft.customer ?? draft.customer,
      bills: target.draft.bills + draft.bills,
    },
    notes: {
      ...kept.notes,
      goods: [...new Set([...target.notes.goods, ...notes.goods])],
      merged: [...target.notes.merged, ...notes.merged, from],
      told: { ...target.notes.told, ...Object.fromEntries(movedKey(notes.told)) },
    },
  }
  try {
    const [saved] = await desk.change([{ kept: merged, version: target.draft.version }], caller, [draft])
    desk.weighings.claim(into, lines)
    return saved!.draft
  } catch (error) {
    // Asked twice at once, and the other one was first.
    const now = codeOf(error) === undefined ? undefined : await desk.kept(into)
    if (now?.notes.merged.includes(from) === true) return now.draft
    throw error
  }
}

/** What makes one order of two impossible without changing prices or taxes that guests have seen. */
function refuseUnlike(into: Draft, from: Draft): void {
  const refuse = (reason: string) => {
    throw invalid('from', reason)
  }
  if ([into, from].some(({ lines }) => lines.some(({ refundOf }) => refundOf !== undefined)))
    refuse('is a refund, or is to go into one; pay it by itself')
  if (into.rules.fiscalPosition !== from.rules.fiscalPosition)
    refuse('has another fiscal position; give both the same one first')
  if (toE6(into.discount) !== toE6(from.discount))
    refuse(`has a discount of ${from.discount} %, the other ${into.discount} %; give both the same first`)
}

export async function transferDraft(
  desk: Desk,
  params: TillParams<'till.order.transfer'>,
  caller: TillCaller,
): Promise<TillResult<'till.order.transfer'>> {
  const { id, login, table, version } = params
  await desk.cashier(caller, login, 'move an order to another table')
  const { catalogue } = desk.parts
  const request = requestOf('till.order.transfer', params)
  const before = await desk.mustKeep(id)
  const same = repeated(before, version, request)
  if (same !== undefined) return same.draft
  refuseOther(before, version)
  if (table !== null && !atPath('table', () => catalogue.must('table', table)).active)
    throw invalid('table', 'is not in use any more')
  const session = await sessionOf(desk, before.draft)
  const { draft, notes } = before
  const kept = {
    draft: { ...draft, session, table, updatedAt: iso(desk.now) },
    notes: { ...notes, last: request, jobs: [] },
  }
  const [moved] = await desk.change([{ kept, version }], caller)
  return moved!.draft
}

/** The lines that a till sent; those of discount and tip are made anew. */
const itemsOf = ({ lines }: Draft) => lines.filter(({ kind }) => kind === 'item')

/** The open session of the draft's register: the one it was begun in may have been closed since. */
async function sessionOf(desk: Desk, { register }: Draft): Promise<string> {
  const known = atPath('register', () => desk.parts.catalogue.must('register', register))
  return (await desk.parts.sessions.selling(known)).id
}
