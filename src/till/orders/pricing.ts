/** From what a till sends to an order with everything worked out: who buys, by which prices and taxes, and what it comes to. */
import type { Customer, Product, Register } from '../../protocol/till/catalogue.ts'
import type { Draft, ParsedOrderInput, SoldOrder } from '../../protocol/till/order.ts'
import type { Store } from '../../store/store.ts'
import { extraProducts } from '../engine/extra-lines.ts'
import type { CheckWeighing } from '../engine/lines.ts'
import { toE6 } from '../engine/millionths.ts'
import type { Pricer } from '../engine/price.ts'
import { type OrderToWork, type WorkedOrder, workOut } from '../engine/work-out.ts'
import type { CatalogueApi } from '../parts.ts'
import { atPath, invalid, withPath } from './errors.ts'
import { originalOf, refundOrder } from './refunds.ts'
import type { Weighings } from './weighings.ts'

export interface PricingSources {
  catalogue: CatalogueApi
  store: Store
  pricer: Pricer
  weighings: Weighings
}

export interface PricedOrder extends WorkedOrder {
  /** As it was sent; with the customer of the register where it is new and named none. */
  input: ParsedOrderInput
  register: Register
  customer: Customer | null
  products: ReadonlyMap<string, Product>
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
  const order = { input, register, customer, products, extra, before, now }
  return {
    ...known,
    ...workOut(order, { ...sources, checkWeighing: weighingCheck(order, sources.weighings) }),
  }
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

/** A line of a weighing has what the scale gave, and nobody else has it. */
function weighingCheck(
  { before, input, now }: Pick<OrderToWork, 'before' | 'input' | 'now'>,
  weighings: Weighings,
): CheckWeighing {
  const was = new Map(before?.lines.map((line) => [line.id, line]))
  return (line, quantity, path) => {
    const old = was.get(line.id)
    const kept = old?.weighing === line.weighing ? old : undefined
    const weighing = weighings.known(line.weighing!, now)
    const known = kept === undefined ? weighing : { product: kept.product, net: kept.quantity }
    if (known === undefined) throw invalid(`${path}.weighing`, 'is not known any more; weigh the goods again')
    const { claimed } = weighing ?? {}
    const elsewhere = claimed !== undefined && (claimed.order !== input.id || claimed.line !== line.id)
    const twice = input.lines.some(({ id, weighing: other }) => other === line.weighing && id !== line.id)
    if (twice || elsewhere) throw invalid(`${path}.weighing`, 'counts for another line already; weigh again')
    if (known.product !== line.product) throw invalid(`${path}.weighing`, 'is of another product')
    if (toE6(known.net) !== quantity)
      throw invalid(`${path}.quantity`, `is ${line.quantity}, but the scale gave ${known.net}`)
  }
}
