/** From what a till has in its cart to an order with everything worked out, on the hub and in the browser alike. */
import type {
  Customer,
  FiscalPosition,
  Pricelist,
  Product,
  Register,
  Tax,
} from '../../protocol/till/catalogue.ts'
import type { Draft, OrderLine, OrderRules, ParsedOrderInput, Totals } from '../../protocol/till/order.ts'
import { computeOrder } from './compute.ts'
import type { CatalogueView, OrderTerms, PricedLine } from './contract.ts'
import { extraLines } from './extra-lines.ts'
import { resolveTaxes } from './fiscal.ts'
import { type CheckWeighing, type LineContext, mustGet, pricedLine, quantityOf } from './lines.ts'
import { toE6 } from './millionths.ts'
import type { Pricer } from './price.ts'
import { invalid } from './troubles.ts'

export interface OrderToWork {
  /** Its customer is `customer`, and no line of it brings anything back. */
  input: ParsedOrderInput
  register: Register
  customer: Customer | null
  /** Of all lines, by id. */
  products: ReadonlyMap<string, Product>
  /** Those of `extraProducts` that the shop has. */
  extra: readonly Product[]
  /** What it was before: its lines keep their prices. */
  before: Draft | undefined
  /** ms since 1970: the moment of the prices. */
  now: number
}

export interface WorkTools {
  catalogue: CatalogueView
  pricer: Pricer
  /** Only the hub knows weighings. */
  checkWeighing?: CheckWeighing
}

export interface WorkedOrder {
  /** The lines sent, in their order. */
  items: PricedLine[]
  /** `items`, and lines of discount and tip. */
  lines: OrderLine[]
  totals: Totals
  rules: OrderRules
  /** What was chosen by hand, and is not what customer and register say. */
  choice: { pricelist: boolean; fiscalPosition: boolean }
}

/** Throws `till_unknown` and `till_invalid` with the path of the field. */
export function workOut(order: OrderToWork, tools: WorkTools): WorkedOrder {
  const { before, extra, input, now, products, register } = order
  const { catalogue, checkWeighing, pricer } = tools
  const { shop } = catalogue
  const { choice, pricelist, position } = choose(order, catalogue)
  const used = new Map<string, Tax>()
  const taxesOf = taxFinder(position, catalogue, used)
  const sentBefore = (before?.lines ?? []).filter(({ kind }) => kind === 'item')
  const was = new Map(sentBefore.map((line) => [line.id, line]))
  const context: LineContext = {
    ...{ catalogue, pricer, checkWeighing, input, before, was, products, pricelist, taxesOf, now },
  }
  const quantities = input.lines.map((line, index) => quantityOf(line, index, context))
  const together = quantitiesTogether(input, quantities)
  const items = input.lines.map((line, index) =>
    pricedLine(line, index, { quantity: quantities[index]!, together: together.get(line.product)! }, context),
  )
  const { discountLine, tipLine } = extraLines(shop, input.discount, extra)
  const tip = { ...tipLine, taxes: input.tip > 0 ? taxesOf(tipLine.taxes) : [] }
  const terms: OrderTerms = {
    taxes: [...used.values()],
    currencyDigits: shop.currencyDigits,
    taxRounding: shop.taxRounding,
    discount: input.discount,
    discountLine,
    tip: input.tip,
    tipLine: tip,
    cashRounding: register.cashRounding,
  }
  const { lines, totals } = computeOrder(items, terms)
  const rules: OrderRules = {
    currency: shop.currency,
    currencyDigits: shop.currencyDigits,
    taxRounding: shop.taxRounding,
    pricelist: pricelist?.id ?? null,
    fiscalPosition: position?.id ?? null,
    taxes: terms.taxes.map((tax) => ({ ...tax })),
  }
  return { items, lines, totals, rules, choice }
}

/** Resolves taxes of products, and notes in `used` that the order has them. Products with the same taxes share the work. */
function taxFinder(
  position: FiscalPosition | null,
  catalogue: CatalogueView,
  used: Map<string, Tax>,
): LineContext['taxesOf'] {
  const known = new Map<string, string[]>()
  return (taxes) => {
    const key = taxes.join(' ')
    const found = known.get(key)
    if (found !== undefined) return [...found]
    const resolved = resolveTaxes(taxes, position, (id) => catalogue.get('tax', id))
    for (const tax of resolved) used.set(tax.id, tax)
    const ids = resolved.map(({ id }) => id)
    known.set(key, ids)
    return [...ids]
  }
}

/** Of things that carry a lot, all lines of one product count together towards the quantities of the pricelist. */
function quantitiesTogether({ lines }: ParsedOrderInput, quantities: readonly string[]): Map<string, number> {
  const together = new Map<string, number>()
  for (const [index, { product }] of lines.entries())
    together.set(product, (together.get(product) ?? 0) + toE6(quantities[index]!))
  return together
}

/** The order's, else the customer's, else the register's. What is chosen must be offered, or be in the draft already. */
function choose(
  { before, customer, input, register }: OrderToWork,
  catalogue: CatalogueView,
): { pricelist: Pricelist | null; position: FiscalPosition | null; choice: WorkedOrder['choice'] } {
  const usual = {
    pricelist: customer?.pricelist ?? register.pricelist,
    fiscalPosition: customer?.fiscalPosition ?? register.fiscalPosition,
  }
  const pick = (field: 'pricelist' | 'fiscalPosition', offered: readonly string[]): string | null => {
    const chosen = input[field]
    if (chosen === undefined) return usual[field]
    const may = [null, usual[field], register[field], before?.rules[field], ...offered]
    if (!may.includes(chosen))
      throw invalid(
        field,
        `${chosen} is not offered at the register ${register.name}; choose one that is, or add it there`,
      )
    return chosen
  }
  const pricelist = pick('pricelist', register.pricelists)
  const position = pick('fiscalPosition', register.fiscalPositions)
  return {
    pricelist: pricelist === null ? null : mustGet(catalogue, 'pricelist', pricelist, 'pricelist'),
    position: position === null ? null : mustGet(catalogue, 'fiscalPosition', position, 'fiscalPosition'),
    choice: {
      pricelist: pricelist !== usual.pricelist,
      fiscalPosition: position !== usual.fiscalPosition,
    },
  }
}
