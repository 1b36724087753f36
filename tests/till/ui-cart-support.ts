/** A cart of the browser over the real catalogue of a shop in this process, with the shop's own clock. */
import { signal } from '@preact/signals'
import { HubError } from '../../src/protocol/errors.ts'
import type { Product } from '../../src/protocol/till/catalogue.ts'
import { type CartParts, LiveCart } from '../../src/ui/till/cart/live-cart.ts'
import type { KeypadKey } from '../../src/ui/till/contract.ts'
import { settle } from '../support/clock.ts'
import { openShop, type ShopBench } from './orders-support.ts'

export interface CartBench {
  bench: ShopBench
  cart: LiveCart
  /** Moves the clock of shop and browser. */
  advance(ms: number): Promise<void>
  product(id: string): Promise<Product>
  /** Puts a product in by its id. */
  add(id: string, more?: Parameters<LiveCart['add']>[1]): Promise<string>
}

/** Reads the catalogue of the hub as the shelf of a page would, without the wire between. */
function shelfOf({ catalogue }: Pick<ShopBench, 'catalogue'>): CartParts['shelf'] {
  return {
    shop: signal(catalogue.shop),
    all: (kind) => catalogue.all(kind),
    get: (kind, id) => catalogue.get(kind, id),
    lineage: (category) => catalogue.lineage(category),
    async product(id) {
      const found = (await catalogue.products([id])).get(id)
      if (found === undefined) throw new HubError('till_unknown', { kind: 'product', id })
      return found
    },
    customer: (id) => catalogue.customer(id),
  }
}

export async function openCart(options: Parameters<typeof openShop>[0] = {}): Promise<CartBench> {
  const bench = await openShop(options)
  const { catalogue, clock } = bench
  const now = signal(clock.now())
  let ids = 0
  const shelf = shelfOf(bench)
  const desk = { register: signal(catalogue.get('register', 'r1')) }
  const newId = () => `cart-${++ids}`
  const cart = new LiveCart({ shelf, desk, clock: { now, read: () => clock.now() }, newId })
  cart.fresh()
  await settle()
  return {
    bench,
    cart,
    async advance(ms) {
      await clock.advance(ms)
      now.value = clock.now()
    },
    product: (id) => shelf.product(id),
    add: async (id, more) => cart.add(await shelf.product(id), more),
  }
}

const names: Readonly<Record<string, KeypadKey>> = { '.': 'decimal', '~': 'sign', '<': 'back' }
/** `12.5~<`: digits, decimal sign, sign, back. */
export const press = (cart: LiveCart, keys: string) => {
  for (const key of keys) cart.press(names[key] ?? (key as KeypadKey))
}
/** `2 bread` for each line. */
export const told = (cart: LiveCart) =>
  cart.state.value.lines.map(({ product, quantity }) => `${quantity} ${product.id}`)
export const onlyLine = (cart: LiveCart) => {
  const [line] = cart.state.value.lines
  if (line === undefined || cart.state.value.lines.length > 1)
    throw new HubError('internal', { reason: 'there is not one line' })
  return line
}
