/** Putting products in the cart: what has to be asked first (variant, weight, price, numbers), and which dialog is open. */
import { type Signal, signal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { Product } from '../../../../protocol/till/catalogue.ts'
import { tellError, useTill } from '../../context.ts'
import type { LineChange, Till } from '../../contract.ts'

type More = LineChange

/** What stands in front of the selling screen. */
export type Asking =
  | { what: 'variant'; products: readonly Product[] }
  | { what: 'weight' | 'price'; product: Product; more: More }
  /** Of a line that is there, or of a product that is to become one. */
  | { what: 'lots'; product: Product; more: More; line?: string }
  | { what: 'line'; line: string }
  | { what: 'customer' | 'order' | 'park' | 'keys' | 'discount' | 'note' }
  | { what: 'unknown'; code: string }
  | { what: 'camera' }

export interface Selling {
  readonly asking: Signal<Asking | null>
  /** In the search field: a scan and a key may write it. */
  readonly text: Signal<string>
  /** Rises when the search field should have the focus. */
  readonly searching: Signal<number>
  /** Puts a product in, after asking what it needs. */
  add(product: Product, more?: More): void
  /** A tile: one product, or the variants of one thing. */
  choose(products: readonly Product[]): void
  /** It was asked: nothing more is. */
  put(product: Product, more?: More): void
  ask(what: Asking): void
  done(): void
}

/** `cart` goes on the screen with the next frame; nothing waits for the hub. */
export function sellingOf(till: Pick<Till, 'cart' | 'sounds' | 'toasts'>): Selling {
  const { cart, sounds } = till
  const asking = signal<Asking | null>(null)
  const put: Selling['put'] = (product, more = {}) => {
    asking.value = null
    try {
      cart.add(product, more)
      sounds.play('ok')
    } catch (error) {
      tellError(till, error)
    }
  }
  const ask = (what: Asking) => {
    asking.value = what
  }
  const add: Selling['add'] = (product, more = {}) => {
    if (product.openPrice && more.price === undefined) ask({ what: 'price', product, more })
    else if (product.toWeigh && more.quantity === undefined) ask({ what: 'weight', product, more })
    else if (product.tracking !== 'none' && more.lots === undefined) ask({ what: 'lots', product, more })
    else put(product, more)
  }
  const choose: Selling['choose'] = (products) => {
    const [only] = products
    if (products.length === 1 && only !== undefined) add(only)
    else ask({ what: 'variant', products })
  }
  return {
    asking,
    text: signal(''),
    searching: signal(0),
    add,
    choose,
    put,
    ask,
    done() {
      asking.value = null
    },
  }
}

export function useSelling(): Selling {
  const till = useTill()
  return useMemo(() => sellingOf(till), [till])
}

/** Whole flow of what was scanned or typed into the search field with Enter. */
export async function takeCode(
  code: string,
  selling: Selling,
  till: Pick<Till, 'cart' | 'desk' | 'sales' | 'screen' | 'shelf' | 'sounds' | 'toasts'>,
): Promise<void> {
  const { cart, sales, screen, shelf, sounds } = till
  try {
    const found = await shelf.scan(code)
    switch (found.kind) {
      case 'product': {
        const { lot, price, product, quantity } = found
        return selling.add(product, {
          ...(quantity !== undefined && { quantity }),
          ...(price !== undefined && { price }),
          ...(lot !== undefined && { lots: [lot] }),
        })
      }
      case 'customer':
        cart.change({ customer: found.customer })
        return sounds.play('ok')
      case 'discount': {
        const last = cart.state.value.lines.at(-1)
        if (last === undefined) return sounds.play('unknown')
        cart.changeLine(last.id, { discount: found.discount })
        return sounds.play('ok')
      }
      case 'receipt':
        sales.shown.value = found.order
        screen.value = 'orders'
        return
      case 'employee':
        return till.desk.lock()
      case 'unknown':
        sounds.play('unknown')
        selling.ask({ what: 'unknown', code: found.code })
    }
  } catch (error) {
    tellError(till, error)
  }
}
