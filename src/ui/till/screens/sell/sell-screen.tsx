/** The screen that a cashier looks at all day: the order on one side, everything there is to sell on the other. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { moneyText } from '../../parts/money.ts'
import { useSelling } from './asking.ts'
import { CartPane } from './cart-pane.tsx'
import { Dialogs } from './dialogs.tsx'
import { ProductsPane } from './products-pane.tsx'
import { useSellingKeys } from './use-keys.ts'
import { useScans } from './use-scans.ts'

/** On a phone only one of both is in sight. */
export type Pane = 'products' | 'cart'

export function SellScreen(): JSX.Element {
  const { cart, shelf } = useTill()
  const pane = useSignal<Pane>('products')
  const selling = useSelling()
  useScans(selling)
  useSellingKeys(selling)
  const { lines } = cart.state.value
  const { due } = cart.worked.value
  const shop = shelf.shop.value
  return (
    <main class={`sell-screen shows-${pane.value}`}>
      <h1 class="hidden-text">{say('till.nav.sell')}</h1>
      <CartPane selling={selling} />
      <ProductsPane selling={selling} />
      <nav class="pane-bar" aria-label={say('sell.panes')}>
        <button
          type="button"
          aria-pressed={pane.value === 'products'}
          onClick={() => {
            pane.value = 'products'
          }}
        >
          {say('sell.pane.products')}
        </button>
        <button
          type="button"
          aria-pressed={pane.value === 'cart'}
          onClick={() => {
            pane.value = 'cart'
          }}
        >
          {say('sell.pane.cart', { count: lines.length })} <b class="amount">{moneyText(due, shop)}</b>
        </button>
      </nav>
      <Dialogs selling={selling} />
    </main>
  )
}
