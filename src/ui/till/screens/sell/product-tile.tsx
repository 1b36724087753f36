/** One thing to be sold, or the variants of one: name, price, and how many are in the cart already. */
import type { JSX } from 'preact'
import type { Product } from '../../../../protocol/till/catalogue.ts'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { decimalText } from '../../parts/money.ts'
import type { Selling } from './asking.ts'

export function ProductTile({
  products,
  selling,
}: {
  products: readonly Product[]
  selling: Selling
}): JSX.Element | null {
  const { cart, shelf } = useTill()
  const [product] = products
  if (product === undefined) return null
  const ids = new Set(products.map(({ id }) => id))
  const inCart = cart.state.value.lines
    .filter((line) => ids.has(line.product.id))
    .reduce((sum, { quantity }) => sum + Number(quantity), 0)
  const { name, openPrice, picture, price, unit } = product
  const digits = shelf.shop.value.currencyDigits
  const unitName = unit === 'piece' ? '' : ` / ${shelf.get('unit', unit)?.name ?? unit}`
  return (
    <li>
      <button
        type="button"
        class={`tile${picture === undefined ? '' : ' has-picture'}`}
        onClick={() => selling.choose(products)}
      >
        {picture !== undefined && (
          <img src={`pictures/${encodeURIComponent(picture)}`} alt="" loading="lazy" decoding="async" />
        )}
        <span class="tile-name">{name}</span>
        <span class="tile-price amount">
          {products.length > 1
            ? say('sell.variants', { count: products.length })
            : openPrice
              ? say('sell.open_price')
              : `${decimalText(price, digits)}${unitName}`}
        </span>
        {inCart !== 0 && <b class="tile-count">{decimalText(String(Math.round(inCart * 1_000) / 1_000))}</b>}
      </button>
    </li>
  )
}
