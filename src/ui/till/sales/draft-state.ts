/** A draft of the hub as an order in hand. */
import type { Customer, Product, Register } from '../../../protocol/till/catalogue.ts'
import type { Draft, OrderLine } from '../../../protocol/till/order.ts'
import type { CartLine, CartState } from '../contract.ts'

/** What is chosen by hand is told apart from what customer and register say: only that is sent again. */
const chosen = (now: string | null, usual: string | null): string | null | undefined =>
  now === usual ? undefined : now

export function stateOf(
  draft: Draft,
  {
    customer,
    productOf,
    register,
  }: {
    customer: Customer | null
    productOf: (id: string) => Product | undefined
    register: Register | undefined
  },
): CartState {
  const { rules } = draft
  return {
    id: draft.id,
    register: draft.register,
    lines: draft.lines
      .filter(({ kind }) => kind === 'item')
      .map((line) => lineOf(line, productOf(line.product))),
    createdAt: Date.parse(draft.createdAt),
    version: draft.version,
    tracking: draft.tracking,
    draft,
    refund: draft.lines.some(({ refundOf }) => refundOf !== undefined),
    customer,
    pricelist: chosen(rules.pricelist, customer?.pricelist ?? register?.pricelist ?? null),
    fiscalPosition: chosen(
      rules.fiscalPosition,
      customer?.fiscalPosition ?? register?.fiscalPosition ?? null,
    ),
    discount: draft.discount,
    tip: draft.totals.tip,
    label: draft.label,
    note: draft.note,
    internalNote: draft.internalNote,
    table: draft.table,
    guests: draft.guests,
  }
}

function lineOf(line: OrderLine, product: Product | undefined): CartLine {
  const { course, discount, id, internalNote, lots, note, price, priceKind, quantity, weighing } = line
  return {
    id,
    product: product ?? gone(line),
    quantity,
    discount,
    lots,
    ...(priceKind === 'manual' && { price }),
    ...(note !== undefined && { note }),
    ...(internalNote !== undefined && { internalNote }),
    ...(course !== undefined && { course }),
    ...(weighing !== undefined && { weighing }),
  }
}

/** One that was removed from the catalogue since: it stays in the order as it was put there. */
function gone({ category, listPrice, name, product, taxes, unit }: OrderLine): Product {
  return {
    ...{ id: product, name, category, price: listPrice, unit, taxes: [...taxes] },
    ...{ barcodes: [], packs: [], attributes: [], kind: 'goods', toWeigh: false, tracking: 'none' },
    ...{ openPrice: false, favourite: false, sequence: 0, active: true },
  }
}
