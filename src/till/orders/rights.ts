/** Which rights a change of an order needs: the order as it was against the order as it shall be. */
import { HubError } from '../../protocol/errors.ts'
import type { Draft, OrderLine } from '../../protocol/till/order.ts'
import type { Approval, Right } from '../../protocol/till/people.ts'
import { covers } from '../../protocol/till/rights.ts'
import { toE6 } from '../engine/millionths.ts'
import type { Actor, PeopleApi, TillCaller } from '../parts.ts'
import type { KeptDraft } from './documents.ts'
import type { PricedOrder } from './pricing.ts'

export interface Need {
  right: Right
  /** In English, for whoever is asked. */
  act: string
  /** Of the field that needs it. */
  path: string
}

/** What the change from `before` (undefined: there was nothing) to `after` needs beyond selling at given prices. */
export function needsOf(kept: KeptDraft | undefined, after: PricedOrder): Need[] {
  const before = kept?.draft
  const needs: Need[] = []
  const need = (right: Right, act: string, path: string) => needs.push({ right, act, path })
  const { input, register } = after
  const was = new Map(before?.lines.map((line) => [line.id, line]))

  if (Number(input.discount) > 0 && Number(input.discount) !== Number(before?.discount ?? 0))
    need('cashier', 'give a discount', 'discount')
  // One that a customer brought along does not stay without the customer.
  const choosing = (field: 'pricelist' | 'fiscalPosition') =>
    after.choice[field] &&
    !(kept?.notes.chosen[field] === true && after.rules[field] === kept.draft.rules[field])
  if (choosing('pricelist')) need('cashier', 'choose a pricelist', 'pricelist')
  if (choosing('fiscalPosition')) need('cashier', 'choose a fiscal position', 'fiscalPosition')
  if (before !== undefined && before.table !== null && input.table !== before.table)
    need('cashier', 'move an order to another table', 'table')

  for (const [index, line] of after.items.entries()) {
    const path = `lines.${index}`
    const product = after.products.get(line.product)
    const old = was.get(line.id)
    const same = old?.product === line.product ? old : undefined
    const more = same === undefined || toE6(same.quantity) !== toE6(line.quantity)
    if (line.refundOf !== undefined) {
      if (more) need('cashier', 'take goods back', `${path}.refundOf`)
      continue
    }
    if (toE6(line.quantity) < 0 && more) need('cashier', 'take goods back', `${path}.quantity`)
    if (Number(line.discount) > 0 && Number(line.discount) !== Number(same?.discount ?? 0))
      need('cashier', 'give a discount', `${path}.discount`)
    const repriced = same?.priceKind !== 'manual' || toE6(same.price) !== toE6(line.price)
    if (line.priceKind === 'manual' && product?.openPrice !== true && repriced)
      need(register.priceControl ? 'manager' : 'cashier', 'change a price', `${path}.price`)
    if (register.weighOnly && product?.toWeigh === true && line.weighing === undefined && more)
      need('manager', 'type in a weight', `${path}.quantity`)
  }
  return before === undefined ? needs : [...needs, ...takenBack(before, after)]
}

/** Lines that the kitchen or the guest knows of, and that are to be less than they were. */
function takenBack(before: Draft, after: PricedOrder): Need[] {
  const now = new Map(after.items.map((line) => [line.id, line]))
  const left = (line: OrderLine) => {
    const same = now.get(line.id)
    return same?.product === line.product ? Math.max(0, toE6(same.quantity)) : 0
  }
  return before.lines
    .filter(({ kind }) => kind === 'item')
    .filter((line) => {
      const told = toE6(before.kitchen.sent[line.id] ?? '0')
      const shown = before.bills > 0 ? toE6(line.quantity) : 0
      return left(line) < Math.max(told, shown)
    })
    .map(({ id }) => ({
      right: 'cashier',
      act: 'take away what was told to the kitchen or is on the bill',
      path: `lines.${id}`,
    }))
}

/**
 * Answers who approved, null where the actor may do it alone. Throws `right_missing` with the path for the first need that the actor
 * does not meet; an approval may meet all of them.
 */
export async function allowNeeds(
  people: PeopleApi,
  caller: TillCaller,
  actor: Actor,
  needs: readonly Need[],
  approval?: Approval,
): Promise<Actor | null> {
  const missing =
    needs.find(({ right }) => right === 'manager' && !covers(actor.right, right)) ??
    needs.find(({ right }) => !covers(actor.right, right))
  if (missing === undefined) return null
  const { right, act, path } = missing
  if (approval === undefined) throw new HubError('right_missing', { right, act, path })
  return people.approve(caller, approval, right, act)
}
