/** A small shop on a hub, over the wire: what is sold there, and a till that sells. */
import type { HubClient } from '../../src/protocol/client.ts'
import type { Params } from '../../src/protocol/methods.ts'

type Thing = Params<'till.catalogue.put'>['thing']

/** Prices of one unit, in minor units and taxes included, by product: for sums that do without the engine. */
export const prices = { milk: 199, bread: 345, wine: 1_250, tea: 99 } as const
export type ProductId = keyof typeof prices

const vat = (id: string, amount: string): Thing => ({
  tax: { id, name: `VAT ${amount} %`, kind: 'percent', amount, included: true },
})
const product = (id: ProductId, name: string, tax: string): Thing => ({
  product: { id, name, price: (prices[id] / 100).toFixed(2), taxes: [tax] },
})

export const shopThings: readonly Thing[] = [
  vat('vat21', '21'),
  vat('vat9', '9'),
  product('milk', 'Milk 1 l', 'vat9'),
  product('bread', 'Rye bread', 'vat9'),
  product('wine', 'Red wine', 'vat21'),
  product('tea', 'Tea bag', 'vat21'),
]

/** Fills the shop; again is no harm. The client is a technician's. */
export async function fillShop(client: HubClient): Promise<void> {
  for (const thing of shopThings) await client.call('till.catalogue.put', { thing })
}

export interface Basket {
  id: string
  lines: { product: ProductId; quantity: number }[]
}

export const totalOf = ({ lines }: Basket): number =>
  lines.reduce((sum, { product, quantity }) => sum + prices[product] * quantity, 0)

/** The request that pays a basket in cash, with 10.00 more than is due. */
export function paying(basket: Basket, register = 'main'): Params<'till.order.pay'> {
  const { id, lines } = basket
  const total = totalOf(basket)
  return {
    id,
    order: {
      id,
      register,
      lines: lines.map(({ product, quantity }, index) => ({
        id: `${id}.${index}`,
        product,
        quantity: String(quantity),
      })),
    },
    payments: [{ id: `${id}.p`, method: 'cash', amount: total + 1_000 }],
    expectedTotal: total,
    print: false,
  }
}
