/** Changes as an order can take them: quantities in steps of their unit, discounts to 100 %, texts as long as the wire lets them be. */
import type { Product } from '../../../protocol/till/catalogue.ts'
import { tillLimits } from '../../../protocol/till/limits.ts'
import type { CatalogueView } from '../../../till/engine/contract.ts'
import type { CartHead, CartLine, LineChange } from '../contract.ts'
import { clampedDiscount, inSteps, isNegative, minus } from './numbers.ts'

const headLimits = {
  labelCharsMax: 60,
  guestsMax: 1_000,
} as const

/** A unit that is not known leaves it as it is; the engine will say so. */
export function stepped({ unit }: Product, quantity: string, catalogue: Pick<CatalogueView, 'get'>): string {
  const known = catalogue.get('unit', unit)
  return known === undefined && unit !== 'piece' ? quantity : inSteps(quantity, known?.rounding ?? '1')
}

/** What is undefined in the change is taken away, where a line can be without. */
export function changedLine(
  line: CartLine,
  change: LineChange,
  catalogue: Pick<CatalogueView, 'get'>,
): CartLine {
  const { course, internalNote, lots, note, price, weighing } = { ...line, ...change }
  const { id, product } = line
  const numbers = lots ?? line.lots
  const quantity = quantityOf(line, change, catalogue)
  const weighed = weighing !== undefined && ('weighing' in change || quantity === line.quantity)
  return {
    ...{ id, product, quantity, lots: numbers },
    discount: clampedDiscount(change.discount ?? line.discount),
    ...(price !== undefined && { price }),
    ...(note && { note: note.slice(0, tillLimits.noteCharsMax) }),
    ...(internalNote && { internalNote: internalNote.slice(0, tillLimits.noteCharsMax) }),
    ...(course !== undefined && { course }),
    ...(weighed && { weighing }),
  }
}

/** What a scale gave stays to the last digit. Serial numbers are counted, unless it is said how many there are. */
function quantityOf(line: CartLine, change: LineChange, catalogue: Pick<CatalogueView, 'get'>): string {
  const { lots = [], quantity, weighing } = change
  if (quantity !== undefined)
    return weighing === undefined ? stepped(line.product, quantity, catalogue) : quantity
  if (line.product.tracking !== 'serial' || lots.length === 0) return line.quantity
  return isNegative(line.quantity) ? minus(String(lots.length)) : String(lots.length)
}

export function changedHead(head: Partial<CartHead>): Partial<CartHead> {
  const { discount, guests, internalNote, label, note, tip } = head
  return {
    ...head,
    ...(discount !== undefined && { discount: clampedDiscount(discount) }),
    ...(tip !== undefined && { tip: within(tip, tillLimits.amountMax) }),
    ...(guests !== undefined && { guests: within(guests, headLimits.guestsMax) }),
    ...(label !== undefined && { label: label.slice(0, headLimits.labelCharsMax) }),
    ...(note !== undefined && { note: note.slice(0, tillLimits.noteCharsMax) }),
    ...(internalNote !== undefined && { internalNote: internalNote.slice(0, tillLimits.noteCharsMax) }),
  }
}

const within = (value: number, most: number): number =>
  Number.isFinite(value) ? Math.min(most, Math.max(0, Math.round(value))) : 0
