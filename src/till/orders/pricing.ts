/** From what a till sends to an order with everything worked out: who buys, by which prices and taxes, and what it comes to. */
import type {
  Customer,
  FiscalPosition,
  Pricelist,
  Product,
  Register,
  Tax,
} from '../../protocol/till/catalogue.ts'
import type {
  Draft,
  OrderLine,
  OrderRules,
  ParsedOrderInput,
  SoldOrder,
  Totals,
} from '../../protocol/till/order.ts'
import type { Store } from '../../store/store.ts'
import { computeOrder } from '../engine/compute.ts'
import type { OrderTerms, PricedLine } from '../engine/contract.ts'
import { resolveTaxes } from '../engine/fiscal.ts'
import type { Pricer } from '../engine/price.ts'
import type { CatalogueApi } from '../parts.ts'
import { atPath, invalid, withPath } from './errors.ts'
import { extraLines, extraProducts } from './extra-lines.ts'
import { type LineContext, pricedLine, quantityOf } from './lines.ts'
import { toE6 } from './quantity.ts'
import { originalOf, refundOrder } from './refunds.ts'
import type { Weighings } from './weighings.ts'

export interface PricingSources {
  catalogue: CatalogueApi
  store: Store
  pricer: Pricer
  weighings: Weighings
}

export interface PricedOrder {
  /** As it was sent; with the customer of the register where it is new and named none. */
  input: ParsedOrderInput
  register: Register
  customer: Customer | null
  rules: OrderRules
  /** What was chosen by hand, and is not what customer and register say. */
  choice: { pricelist: boolean; fiscalPosition: boolean }
  /** The lines sent, in their order. */
  items: readonly PricedLine[]
  products: ReadonlyMap<string, Product>
  /** `items`, and lines of discount and tip. */
  lines: OrderLine[]
  totals: Totals
  /** The paid order that this brings lines of back. */
  original: SoldOrder | null
}

/**
 * Works an order out at `now`, against the draft that it was before. Reads the products once. Throws `till_unknown`,
 * `till_invalid` and `refund_exceeded` with the path of the field.
 */
export async function priceOrder(
  sent: ParsedOrderInput,
  before: Draft | undefined,
  now: number,
  sources: PricingSources,
): Promise<PricedOrder> {
  const { catalogue, store } = sources
  const register = atPath('register', () => catalogue.must('register', sent.register))
  if (!register.active) throw invalid('register', 'is switched off; switch it on, or sell at another one')
  refuseSameIds(sent)
  const refunds = sent.lines.some(({ refundOf }) => refundOf !== undefined)
  const isNew = before === undefined && sent.customer === null && !refunds
  const input = isNew ? { ...sent, customer: register.defaultCustomer } : sent
  checkTable(input, before, catalogue)

  const ids = new Set(input.lines.map(({ product }) => product))
  const extras = Number(input.discount) > 0 || input.tip > 0
  const [customer, products, extra, original] = await Promise.all([
    input.customer === null ? null : customerOf(input.customer, before, catalogue),
    productsOf([...ids], input, catalogue, store),
    extras ? store.till.catalogue.products(Object.values(extraProducts)) : [],
    originalOf(input, store),
  ])
  const known = { input, register, customer, products, original }
  if (original !== null) {
    const { items, lines, totals, rules } = refundOrder(input, original, register)
    return { ...known, items, lines, totals, rules, choice: { pricelist: false, fiscalPosition: false } }
  }
  const { pricelist, position, choice } = choose(input, register, customer, before, catalogue)
  const { shop } = catalogue
  const used = new Map<string, Tax>()
  const taxesOf = (taxes: readonly string[]): string[] => {
    const resolved = resolveTaxes(taxes, position, (id) => catalogue.get('tax', id))
    for (const tax of resolved) used.set(tax.id, tax)
    return resolved.map(({ id }) => id)
  }
  const sentBefore = (before?.lines ?? []).filter(({ kind }) => kind === 'item')
  const was = new Map(sentBefore.map((line) => [line.id, line]))
  const context: LineContext = { ...sources, input, before, was, products, pricelist, taxesOf, now }
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
  return { ...known, items, lines, totals, rules, choice }
}

function refuseSameIds({ lines }: ParsedOrderInput): void {
  const seen = new Set<string>()
  for (const [index, { id }] of lines.entries()) {
    if (seen.has(id)) throw invalid(`lines.${index}.id`, 'is the id of another line too')
    seen.add(id)
  }
}

function checkTable({ table }: ParsedOrderInput, before: Draft | undefined, catalogue: CatalogueApi): void {
  if (table === null || table === before?.table) return
  if (!atPath('table', () => catalogue.must('table', table)).active)
    throw invalid('table', 'is not in use any more')
}

async function customerOf(id: string, before: Draft | undefined, catalogue: CatalogueApi): Promise<Customer> {
  const customer = await catalogue.customer(id).catch((error: unknown) => {
    throw withPath('customer', error)
  })
  if (!customer.active && before?.customer !== id)
    throw invalid('customer', 'is a customer who is not active any more')
  return customer
}

/** What comes back needs no product any more: one that was removed meanwhile is left out. */
async function productsOf(
  ids: readonly string[],
  { lines }: ParsedOrderInput,
  catalogue: CatalogueApi,
  store: Store,
): Promise<ReadonlyMap<string, Product>> {
  if (ids.length === 0) return new Map()
  if (lines.every(({ refundOf }) => refundOf !== undefined))
    return new Map((await store.till.catalogue.products(ids)).map((product) => [product.id, product]))
  try {
    return await catalogue.products(ids)
  } catch (error) {
    const { context } = error as { context?: { id?: unknown } }
    const index = lines.findIndex(({ product }) => product === context?.id)
    throw withPath(`lines.${index}.product`, error)
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
  input: ParsedOrderInput,
  register: Register,
  customer: Customer | null,
  before: Draft | undefined,
  catalogue: CatalogueApi,
): { pricelist: Pricelist | null; position: FiscalPosition | null; choice: PricedOrder['choice'] } {
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
    pricelist: pricelist === null ? null : atPath('pricelist', () => catalogue.must('pricelist', pricelist)),
    position:
      position === null ? null : atPath('fiscalPosition', () => catalogue.must('fiscalPosition', position)),
    choice: {
      pricelist: pricelist !== usual.pricelist,
      fiscalPosition: position !== usual.fiscalPosition,
    },
  }
}
