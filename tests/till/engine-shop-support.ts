/** Things of a shop for tests of the engine: "a product, except…". */
import {
  type Pricelist,
  type PriceRule,
  type Product,
  pricelistSchema,
  priceRuleSchema,
  productSchema,
  type Tax,
  taxSchema,
  type Unit,
  unitSchema,
} from '../../src/protocol/till/catalogue.ts'
import type { OrderLine, PaidOrder } from '../../src/protocol/till/order.ts'
import { compute, termsOf } from './corpus/first-opinion.ts'
import type { WorkedOrder } from './corpus/worked-order.ts'

export const product = (more: Partial<Product> = {}): Product =>
  productSchema.parse({ id: 'tea', name: 'Tea', price: '10', ...more })

export const rule = (more: Partial<PriceRule> & Pick<PriceRule, 'kind'>): PriceRule =>
  priceRuleSchema.parse({ id: 'r1', ...more })

export const pricelist = (id: string, ...rules: PriceRule[]): Pricelist =>
  pricelistSchema.parse({ id, name: id, rules })

export const tax = (id: string, more: Partial<Tax> = {}): Tax =>
  taxSchema.parse({ id, name: id, kind: 'percent', amount: '10', ...more })

export const unit = (more: Partial<Unit> = {}): Unit =>
  unitSchema.parse({ id: 'piece', name: 'piece', ...more })

export function orderLine(more: Partial<OrderLine> = {}): OrderLine {
  return {
    id: 'l1',
    kind: 'item',
    product: 'tea',
    name: 'Tea',
    category: null,
    unit: 'piece',
    quantity: '1',
    price: '10',
    priceKind: 'list',
    listPrice: '10',
    discount: '0',
    taxes: [],
    net: 1000,
    tax: 0,
    gross: 1000,
    lots: [],
    ...more,
  }
}

/** What a refund needs of the paid order that a worked one becomes. */
export function paid(order: WorkedOrder): Pick<PaidOrder, 'id' | 'refund' | 'lines' | 'rules' | 'totals'> {
  const terms = termsOf(order)
  return {
    id: 'sale',
    refund: false,
    rules: {
      currency: 'EUR',
      currencyDigits: order.digits,
      taxRounding: order.rounding,
      pricelist: null,
      fiscalPosition: null,
      taxes: [...terms.taxes],
    },
    ...compute(order),
  }
}
