/** Short ways to say what an order of the engine's tests is made of. */
import type { Tax } from '../../src/protocol/till/catalogue.ts'
import type { OrderTerms, PricedLine } from '../../src/till/engine/contract.ts'

export function tax(id: string, amount: string, more: Partial<Tax> = {}): Tax {
  return {
    id,
    name: `Tax ${id}`,
    kind: 'percent',
    amount,
    included: false,
    affectsBase: false,
    baseAffected: true,
    reverseCharge: false,
    sequence: 0,
    children: [],
    ...more,
  }
}

export function line(
  id: string,
  quantity: string,
  price: string,
  taxes: readonly string[],
  more: Partial<PricedLine> = {},
): PricedLine {
  return {
    id,
    kind: 'item',
    product: 'p',
    name: 'Product',
    category: null,
    unit: 'piece',
    quantity,
    price,
    priceKind: 'list',
    listPrice: price,
    discount: '0',
    taxes: [...taxes],
    lots: [],
    ...more,
  }
}

export function terms(taxes: readonly Tax[], more: Partial<OrderTerms> = {}): OrderTerms {
  return {
    taxes,
    currencyDigits: 2,
    taxRounding: 'per-tax',
    discount: '0',
    discountLine: { product: 'discount', name: 'Discount' },
    tip: 0,
    tipLine: { product: 'tip', name: 'Tip', taxes: [] },
    cashRounding: null,
    ...more,
  }
}

export const opposite = (text: string): string => (text.startsWith('-') ? text.slice(1) : `-${text}`)
