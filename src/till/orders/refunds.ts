/** Orders that bring lines of a paid order back: priced, taxed and rounded as that one was. */
import { HubError } from '../../protocol/errors.ts'
import type { Register } from '../../protocol/till/catalogue.ts'
import type { OrderLine, OrderRules, ParsedOrderInput, SoldOrder, Totals } from '../../protocol/till/order.ts'
import type { PayRow, Store } from '../../store/store.ts'
import { computeOrder } from '../engine/compute.ts'
import type { PricedLine } from '../engine/contract.ts'
import { toE6 } from '../engine/millionths.ts'
import { type RefundWish, refundLines } from '../engine/refund.ts'
import { soldOrder } from './documents.ts'
import { invalid } from './errors.ts'

/**
 * The paid order that lines are brought back of; null for an order that sells. Throws `till_unknown`, and `till_invalid` for two
 * originals, or for sale lines beside those that come back.
 */
export async function originalOf(input: ParsedOrderInput, store: Store): Promise<SoldOrder | null> {
  const first = input.lines.find(({ refundOf }) => refundOf !== undefined)?.refundOf
  if (first === undefined) return null
  for (const [index, { refundOf }] of input.lines.entries()) {
    if (refundOf === undefined)
      throw invalid(`lines.${index}`, 'sells beside what comes back; finish the refund, then sell')
    if (refundOf.order !== first.order)
      throw invalid(`lines.${index}.refundOf`, 'is of another order; bring one order back at a time')
  }
  if (Number(input.discount) !== 0) throw invalid('discount', 'comes back with the lines; leave it out')
  if (input.tip !== 0) throw invalid('tip', 'comes back with the last of the lines; leave it out')
  const row = await store.till.orders.sold(first.order)
  if (row === undefined) throw new HubError('till_unknown', { kind: 'order', id: first.order, path: 'lines' })
  return soldOrder(row)
}

export interface RefundOrder {
  items: PricedLine[]
  lines: OrderLine[]
  totals: Totals
  rules: OrderRules
}

/** Whatever price or discount was sent with the lines does not count: it is that of the original. */
export function refundOrder(input: ParsedOrderInput, original: SoldOrder, register: Register): RefundOrder {
  const wanted = input.lines.map((line, index): RefundWish => {
    const sold = original.lines.find(({ id }) => id === line.refundOf?.line)
    if (sold !== undefined && sold.product !== line.product)
      throw invalid(`lines.${index}.product`, `is not ${sold.product}, which was sold`)
    const turns = toE6(line.quantity) * (sold === undefined ? -1 : toE6(sold.quantity)) < 0
    if (!turns) throw invalid(`lines.${index}.quantity`, 'must have the other sign than what was sold')
    return {
      line: line.refundOf!.line,
      quantity: line.quantity.replace('-', ''),
      lots: line.lots.length > 0 ? line.lots : undefined,
    }
  })
  const priced = refundLines(original, wanted, original.refunded).map((line, index) => {
    const sent = input.lines[index]
    if (sent === undefined) return line
    const { id, note } = sent
    return { ...line, id, ...(note !== undefined && { note }) }
  })
  const { rules } = original
  return { items: priced.slice(0, wanted.length), rules, ...computed(priced, rules, register) }
}

/** Everything that has not come back yet, or what is wanted of it, as lines that a till could have sent. */
export function refundInput(
  original: SoldOrder,
  wanted: readonly RefundWish[] | undefined,
): ParsedOrderInput['lines'] {
  return refundLines(original, wanted, original.refunded)
    .filter(({ kind }) => kind === 'item')
    .map(({ id, product, quantity, lots }) => ({
      ...{ id, product, quantity, lots, discount: '0' },
      refundOf: { order: original.id, line: id },
    }))
}

/** What the store guards: how much of which line comes back, of how much. */
export function refundRows(lines: readonly OrderLine[], original: SoldOrder | null): PayRow['refunds'] {
  if (original === null) return []
  return lines.flatMap(({ refundOf, quantity }) => {
    if (refundOf === undefined) return []
    const sold = original.lines.find(({ id }) => id === refundOf.line)
    const soldE6 = Math.abs(toE6(sold?.quantity ?? '0'))
    return [{ ...refundOf, quantityE6: Math.abs(toE6(quantity)), soldE6 }]
  })
}

/** Lines that are priced already, under rules that are known already. */
export function computed(
  lines: readonly PricedLine[],
  rules: OrderRules,
  { cashRounding }: Pick<Register, 'cashRounding'>,
) {
  const none = { product: 'discount', name: 'discount' }
  return computeOrder(lines, {
    taxes: rules.taxes,
    currencyDigits: rules.currencyDigits,
    taxRounding: rules.taxRounding,
    discount: '0',
    discountLine: none,
    tip: 0,
    tipLine: { ...none, taxes: [] },
    cashRounding,
  })
}
