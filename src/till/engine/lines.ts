/** One line of an order: its quantity in the steps of its unit, its price, its taxes. */
import { HubError } from '../../protocol/errors.ts'
import type { CatalogueThing, Pricelist, Product } from '../../protocol/till/catalogue.ts'
import { tillLimits } from '../../protocol/till/limits.ts'
import type { Draft, OrderLine, ParsedOrderInput } from '../../protocol/till/order.ts'
import type { CatalogueView, PricedLine, SmallKind } from './contract.ts'
import { fromE6, roundE6, toE6 } from './millionths.ts'
import type { Pricer } from './price.ts'
import { atPath, invalid } from './troubles.ts'

export type ParsedLine = ParsedOrderInput['lines'][number]

/** Throws `till_invalid` where the line names a weighing that is not its own. `quantity` in millionths. */
export type CheckWeighing = (line: ParsedLine, quantity: number, path: string) => void

export interface LineContext {
  catalogue: CatalogueView
  pricer: Pricer
  checkWeighing: CheckWeighing | undefined
  input: ParsedOrderInput
  before: Draft | undefined
  /** Lines of `before` that a till had sent, by id. */
  was: ReadonlyMap<string, OrderLine>
  products: ReadonlyMap<string, Product>
  pricelist: Pricelist | null
  /** Resolves taxes of a product, and remembers that the order has them. */
  taxesOf(taxes: readonly string[]): string[]
  now: number
}

/**
 * In steps of the unit, half away from zero; what the draft has already stays. A line of a weighing has what the scale gave. Throws `till_invalid` where nothing is
 * left of it, or serial numbers count otherwise.
 */
export function quantityOf(line: ParsedLine, index: number, context: LineContext): string {
  const path = `lines.${index}`
  const product = context.products.get(line.product)!
  const unit = unitOf(product, `${path}.product`, context.catalogue)
  const given = toE6(line.quantity)
  const old = context.was.get(line.id)
  // A split may have left a part of a piece; sent back as it is, it stays, or the parts would cost more than the whole.
  const stayed = old?.product === line.product && toE6(old.quantity) === given
  const rounded = stayed ? given : roundE6(given, toE6(unit.rounding))
  if (rounded === 0 && given !== 0)
    throw invalid(
      `${path}.quantity`,
      `${line.quantity} is less than the step of ${unit.rounding} ${unit.name}`,
    )
  checkLots(line, rounded, product, path)
  if (line.weighing !== undefined) context.checkWeighing?.(line, rounded, path)
  return fromE6(rounded)
}

/**
 * `together`: the quantity of all lines of the product, in millionths. A line that was in the draft with the same product and
 * quantity, under the same pricelist, keeps the price that it was given; its taxes are those of today.
 */
export function pricedLine(
  line: ParsedLine,
  index: number,
  { quantity, together }: { quantity: string; together: number },
  context: LineContext,
): PricedLine {
  const path = `lines.${index}`
  const { before, pricelist, products, taxesOf, was } = context
  const product = products.get(line.product)!
  const old = was.get(line.id)
  const stayed = old?.product === line.product ? old : undefined
  if (!product.active && stayed === undefined)
    throw invalid(`${path}.product`, `${product.name} is not sold any more`)
  if (product.kind === 'discount' || product.kind === 'tip')
    throw invalid(
      `${path}.product`,
      `${product.name} is for lines that the hub makes; send discount or tip of the order`,
    )
  const keeps =
    stayed !== undefined &&
    stayed.priceKind === 'list' &&
    line.price === undefined &&
    toE6(stayed.quantity) === toE6(quantity) &&
    before?.rules.pricelist === (pricelist?.id ?? null)
  const price = keeps ? pick(stayed) : priceNow(line, product, path, { quantity, together }, context)
  return {
    id: line.id,
    kind: 'item',
    product: product.id,
    name: nameOf(product),
    category: product.category,
    unit: product.unit,
    quantity,
    ...price,
    discount: line.discount,
    taxes: atPath(`${path}.product`, () => taxesOf(product.taxes)),
    lots: line.lots,
    ...(line.note !== undefined && { note: line.note }),
    ...(line.internalNote !== undefined && { internalNote: line.internalNote }),
    ...(line.course !== undefined && { course: line.course }),
    ...(line.weighing !== undefined && { weighing: line.weighing }),
  }
}

type Price = Pick<OrderLine, 'price' | 'priceKind' | 'listPrice'>

const pick = ({ price, priceKind, listPrice }: OrderLine): Price => ({ price, priceKind, listPrice })

function priceNow(
  line: ParsedLine,
  product: Product,
  path: string,
  { quantity, together }: { quantity: string; together: number },
  { catalogue, now, pricelist, pricer }: LineContext,
): Price {
  const { priceDigits } = catalogue.shop
  if (line.price !== undefined) {
    const price = fromE6(roundE6(toE6(line.price), 10 ** (6 - priceDigits)))
    return { price, priceKind: 'manual', listPrice: product.openPrice ? price : product.price }
  }
  if (product.openPrice)
    throw invalid(`${path}.price`, `${product.name} has no price of its own: ask for it and send it`)
  const price = pricer.priceOf({
    product,
    quantity: product.tracking === 'none' ? quantity : fromE6(together),
    pricelist,
    pricelistOf: (id) => catalogue.get('pricelist', id),
    at: now,
    lineage: catalogue.lineage(product.category),
    priceDigits,
  })
  return { price, priceKind: 'list', listPrice: product.price }
}

/** With what makes it this variant, as far as a name may be long. */
export function nameOf({ name, attributes }: Product): string {
  const values = attributes.map(({ value }) => value).join(', ')
  return values === '' ? name : `${name} (${values})`.slice(0, tillLimits.nameCharsMax)
}

/** A shop that has no unit `piece` counts in whole ones all the same. */
export function unitOf(product: Product, path: string, catalogue: CatalogueView) {
  if (product.unit === 'piece' && catalogue.get('unit', 'piece') === undefined)
    return { id: 'piece', name: 'piece', rounding: '1', category: 'piece', factor: '1' }
  return mustGet(catalogue, 'unit', product.unit, path)
}

/** Numbers may be missing: they can be looked for later. Those that are there must fit. */
function checkLots({ lots }: ParsedLine, quantity: number, product: Product, path: string): void {
  if (lots.length === 0) return
  if (product.tracking === 'none')
    throw invalid(`${path}.lots`, `${product.name} has neither lots nor serial numbers; leave them out`)
  if (new Set(lots).size !== lots.length) throw invalid(`${path}.lots`, 'has the same number twice')
  const count = fromE6(Math.abs(quantity))
  if (product.tracking === 'serial' && count !== String(lots.length))
    throw invalid(`${path}.quantity`, `is ${count} for ${lots.length} serial numbers; it must be their count`)
}

/** Throws `till_unknown` with the path. */
export function mustGet<K extends SmallKind>(
  catalogue: CatalogueView,
  kind: K,
  id: string,
  path: string,
): CatalogueThing<K> {
  const thing = catalogue.get(kind, id)
  if (thing === undefined) throw new HubError('till_unknown', { kind, id, path })
  return thing
}
