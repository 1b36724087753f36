/** Orders and sessions for the benchmarks of the till: three lines, two taxes, paid in cash, as the hub would file them. */
import type { PayRow, Store, SumRow } from '../../src/store/store.ts'

const products = 200
/** Few enough that each has more than a page of orders in the smaller run, too. */
const customers = 40
const withCustomerEvery = 4

export function sessionOf(id: string, index: number): Parameters<Store['till']['sessions']['open']>[0] {
  return {
    id,
    register: 'main',
    state: 'open',
    openedAt: new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString(),
    openedBy: 'ada',
    openingCounted: 0,
    closedAt: null,
    closedBy: null,
  }
}

/** The order of this number: what varies, varies by it. */
export function payRow(index: number, session: string): PayRow {
  const id = `order-${index}`
  const at = Date.UTC(2026, 0, 1) + index * 60_000
  const when = new Date(at).toISOString()
  const day = when.slice(0, 10)
  const lines = [0, 1, 2].map((line) => {
    const product = `product-${(index * 7 + line * 31) % products}`
    const gross = 199 + ((index + line) % 50)
    const net = Math.round(gross / 1.21)
    return {
      id: `${id}.${line}`,
      kind: 'item',
      product,
      name: `A product with a usual name ${line}`,
      category: `category-${line}`,
      unit: 'piece',
      quantity: '1',
      price: (gross / 100).toFixed(2),
      priceKind: 'list',
      listPrice: (gross / 100).toFixed(2),
      discount: '0',
      taxes: ['vat21'],
      net,
      tax: gross - net,
      gross,
      lots: [],
    }
  })
  const net = lines.reduce((sum, line) => sum + line.net, 0)
  const total = lines.reduce((sum, line) => sum + line.gross, 0)
  const sum = (
    dimension: SumRow['dimension'],
    key: string,
    part: { net: number; gross: number },
  ): SumRow => ({
    dimension,
    day,
    register: 'main',
    session,
    key,
    orders: 1,
    quantityE6: 1_000_000,
    net: part.net,
    tax: part.gross - part.net,
    total: part.gross,
  })
  const whole = { net, gross: total }
  const customer = index % withCustomerEvery === 0 ? `customer-${index % customers}` : null
  const body = {
    id,
    register: 'main',
    session,
    table: null,
    guests: 0,
    customer,
    discount: '0',
    rules: {
      currency: 'EUR',
      currencyDigits: 2,
      taxRounding: 'per-tax',
      pricelist: null,
      fiscalPosition: null,
      taxes: [{ id: 'vat21', name: 'VAT 21 %', kind: 'percent', amount: '21', included: true, sequence: 0 }],
    },
    lines,
    totals: {
      net,
      tax: total - net,
      total,
      rounding: 0,
      taxes: [{ tax: 'vat21', name: 'VAT 21 %', base: net, amount: total - net }],
      discounts: 0,
      tip: 0,
    },
    createdAt: when,
    employee: 'ada',
    till: 'till 1',
    state: 'paid',
    refund: false,
    payments: [{ id: `${id}.p`, method: 'cash', amount: total, change: false }],
    paid: total,
    change: 0,
    cashRounding: 0,
    paidAt: when,
    invoice: false,
  }
  return {
    id,
    register: 'main',
    session,
    prefix: 'AB-1-',
    body: JSON.stringify(body),
    fingerprint: id,
    refunds: [],
    sums: [
      sum('total', '', whole),
      sum('hour', when.slice(11, 13), whole),
      sum('employee', 'ada', whole),
      sum('tax', 'vat21', whole),
      sum('method', 'cash', whole),
      ...lines.map((line) => sum('product', line.product, line)),
      ...lines.map((line) => sum('category', line.category, line)),
    ],
    stock: lines.map(({ product }) => ({ product, movedE6: -1_000_000 })),
    table: null,
    customer,
    label: null,
    tracking: null,
    employee: 'ada',
    total,
    refund: false,
    invoice: false,
    at,
  }
}
