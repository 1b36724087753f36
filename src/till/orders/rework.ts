/** A draft whose lines are others now, at the prices that they have: split, merged. */
import type { Tax } from '../../protocol/till/catalogue.ts'
import type { Draft, OrderLine } from '../../protocol/till/order.ts'
import { computeOrder } from '../engine/compute.ts'
import { extraLines } from '../engine/extra-lines.ts'
import type { Desk } from './desk.ts'
import { iso, type KeptDraft } from './documents.ts'

export interface Rework {
  session: string
  last: string
  kitchen: Draft['kitchen']
  /** In minor units; absent: that of the draft. */
  tip?: number
  /** Absent: those of the draft. The first of an id counts. */
  taxes?: readonly Tax[]
}

/** Nothing is priced anew: guests have seen what it costs. */
export function reworked(
  desk: Desk,
  { draft, notes }: KeptDraft,
  items: readonly OrderLine[],
  { kitchen, last, session, taxes = draft.rules.taxes, tip = draft.totals.tip }: Rework,
): KeptDraft {
  const { catalogue } = desk.parts
  const known = new Map<string, Tax>()
  for (const tax of taxes) if (!known.has(tax.id)) known.set(tax.id, tax)
  const rules = { ...draft.rules, taxes: [...known.values()] }
  const { discountLine, tipLine } = extraLines(catalogue.shop, draft.discount, [])
  const made = draft.lines.find(({ kind }) => kind === 'tip')
  const { lines, totals } = computeOrder(items, {
    taxes: rules.taxes,
    currencyDigits: rules.currencyDigits,
    taxRounding: rules.taxRounding,
    discount: draft.discount,
    discountLine: nameOf(draft, discountLine),
    tip,
    tipLine: made === undefined ? tipLine : { product: made.product, name: made.name, taxes: made.taxes },
    cashRounding: catalogue.get('register', draft.register)?.cashRounding ?? null,
  })
  return {
    draft: { ...draft, session, rules, lines, totals, kitchen, updatedAt: iso(desk.now) },
    notes: { ...notes, last, jobs: [] },
  }
}

/** As the line of discount is called already, where there is one. */
function nameOf({ lines }: Draft, usual: { product: string; name: string }) {
  const made = lines.find(({ kind }) => kind === 'discount')
  return made === undefined ? usual : { product: made.product, name: made.name }
}
