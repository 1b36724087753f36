/** An order in hand as plain data: a fresh one, which lines are alike, and what of it is sent to the hub. */
import type { Customer, Product } from '../../../protocol/till/catalogue.ts'
import type { OrderInput, ParsedOrderInput } from '../../../protocol/till/order.ts'
import type { CartLine, CartState, LineChange } from '../contract.ts'
import { isNegative } from './numbers.ts'

export function freshState(
  id: string,
  register: string,
  customer: Customer | null,
  createdAt: number,
): CartState {
  return {
    ...{ id, register, customer, createdAt },
    lines: [],
    pricelist: undefined,
    fiscalPosition: undefined,
    discount: '0',
    tip: 0,
    label: undefined,
    note: undefined,
    internalNote: undefined,
    table: null,
    guests: 0,
    version: 0,
    tracking: null,
    draft: null,
    refund: false,
  }
}

/** A product that each line of stands for itself: another weight, another number, another price. */
const alwaysApart = ({ openPrice, toWeigh, tracking }: Product): boolean =>
  openPrice || toWeigh || tracking !== 'none'

/** Nothing is said of it but its quantity, its course and what it is. */
const isPlain = ({ discount, internalNote, lots, note, price, weighing }: LineChange): boolean =>
  price === undefined &&
  (discount === undefined || discount === '0') &&
  !note &&
  !internalNote &&
  (lots === undefined || lots.length === 0) &&
  weighing === undefined

/** The line that more of the product goes on top of; the one that came last when there are several. */
export function lineAlike(
  lines: readonly CartLine[],
  product: Product,
  quantity: string,
  more: LineChange,
): CartLine | undefined {
  if (alwaysApart(product) || isNegative(quantity) || !isPlain(more)) return undefined
  return lines.findLast(
    (line) =>
      line.product.id === product.id &&
      line.course === more.course &&
      !isNegative(line.quantity) &&
      isPlain(line),
  )
}

/** What the engine works with: what the hub makes of `inputOf`. */
export function parsedInput(state: CartState): ParsedOrderInput {
  const { customer, fiscalPosition, internalNote, label, lines, note, pricelist } = state
  const { discount, guests, id, register, table, tip } = state
  return {
    ...{ id, register, table, guests, discount, tip },
    customer: customer?.id ?? null,
    ...(pricelist !== undefined && { pricelist }),
    ...(fiscalPosition !== undefined && { fiscalPosition }),
    ...(label && { label }),
    ...(note && { note }),
    ...(internalNote && { internalNote }),
    lines: lines.map((line) => parsedLine(line, state)),
  }
}

export const inputOf: (state: CartState) => OrderInput = parsedInput

/** Of a refund, what comes back of which line is as the hub had said it. */
function parsedLine(
  { course, discount, id, internalNote, lots, note, price, product, quantity, weighing }: CartLine,
  { draft, refund }: CartState,
): ParsedOrderInput['lines'][number] {
  const refundOf = refund ? draft?.lines.find((line) => line.id === id)?.refundOf : undefined
  return {
    ...{ id, product: product.id, quantity, discount },
    lots: [...lots],
    ...(price !== undefined && { price }),
    ...(note && { note }),
    ...(internalNote && { internalNote }),
    ...(course !== undefined && { course }),
    ...(weighing !== undefined && { weighing }),
    ...(refundOf !== undefined && { refundOf }),
  }
}
