/** The engine's answer to an order of the corpus, in the words of the corpus. */
import type { PaymentMethod, Tax } from '../../../src/protocol/till/catalogue.ts'
import { computeOrder } from '../../../src/till/engine/compute.ts'
import type { ComputedOrder, OrderTerms, PricedLine } from '../../../src/till/engine/contract.ts'
import { resolveTaxes } from '../../../src/till/engine/fiscal.ts'
import { settle } from '../../../src/till/engine/settle.ts'
import type { Outcome, WorkedLine, WorkedOrder, WorkedTax } from './worked-order.ts'

const wholeTax = (tax: WorkedTax): Tax => ({
  name: tax.id,
  included: false,
  affectsBase: false,
  baseAffected: true,
  reverseCharge: false,
  sequence: 0,
  children: [],
  ...tax,
})

const pricedLine = (line: WorkedLine): PricedLine => ({
  id: line.id,
  kind: 'item',
  product: `p-${line.id}`,
  name: line.id,
  category: null,
  unit: 'piece',
  quantity: line.quantity,
  price: line.price,
  priceKind: 'list',
  listPrice: line.listPrice ?? line.price,
  discount: line.discount ?? '0',
  taxes: line.taxes,
  lots: [],
})

export function termsOf(order: WorkedOrder): OrderTerms {
  return {
    taxes: order.taxes.map(wholeTax).filter(({ kind }) => kind !== 'group'),
    currencyDigits: order.digits,
    taxRounding: order.rounding,
    discount: order.discount ?? '0',
    discountLine: { product: 'discount', name: 'Discount' },
    tip: order.tip ?? 0,
    tipLine: { product: 'tip', name: 'Tip', taxes: order.tipTaxes ?? [] },
    cashRounding: order.cashRounding ?? null,
  }
}

/** As the till does it: the taxes of a line are found first, groups opened. Without groups they come in their order already. */
export function compute(order: WorkedOrder): ComputedOrder {
  const taxes = order.taxes.map(wholeTax)
  const found = (ids: string[]) =>
    resolveTaxes(ids, null, (id) => taxes.find((tax) => tax.id === id)).map(({ id }) => id)
  const hasGroups = taxes.some(({ kind }) => kind === 'group')
  const lines = order.lines.map((line) => (hasGroups ? { ...line, taxes: found(line.taxes) } : line))
  return computeOrder(lines.map(pricedLine), termsOf(order))
}

const method = (id: string, kind: PaymentMethod['kind']): PaymentMethod => ({
  id,
  name: id,
  kind,
  sequence: 0,
  needsCustomer: false,
  overpay: true,
  needsReference: false,
  opensDrawer: false,
  active: true,
})
const methods = new Map([
  ['cash', method('cash', 'cash')],
  ['card', method('card', 'card')],
])

export function firstOpinion(order: WorkedOrder): Outcome {
  const { lines, totals } = compute(order)
  const figures = ({ id, net, tax, gross }: (typeof lines)[number]) => ({ id, net, tax, gross })
  const payments = order.payments?.map(({ kind, amount }, index) => ({
    id: `y${index}`,
    method: kind,
    amount,
  }))
  const settled =
    payments &&
    settle(payments, {
      due: totals.total + totals.rounding,
      cashRounding: order.cashRounding ?? null,
      methods,
      changeMethod: methods.get('cash'),
      changeId: 'change',
    })
  return {
    lines: lines.filter(({ kind }) => kind === 'item').map(figures),
    discounts: lines
      .filter(({ kind }) => kind === 'discount')
      .map(({ taxes, net, tax, gross }) => ({ taxes: taxes.join(' '), net, tax, gross })),
    taxes: totals.taxes.map(({ tax, base, amount }) => ({ tax, base, amount })),
    net: totals.net,
    tax: totals.tax,
    total: totals.total,
    rounding: totals.rounding,
    tip: totals.tip,
    saved: totals.discounts,
    ...(settled && {
      settled: { paid: settled.paid, change: settled.change, cashRounding: settled.cashRounding },
    }),
  }
}
