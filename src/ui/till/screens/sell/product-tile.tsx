/** One thing to be sold, or the variants of one: name, price, and how many are in the cart already. */
import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Product } from '../../../../protocol/till/catalogue.ts'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { decimalText } from '../../parts/money.ts'
import type { Selling } from './asking.ts'
import { memo } from './memo.ts'

interface TileProps {
  products: readonly Product[]
  selling: Selling
  /** How many of each product are in the cart. */
  counts: ReadonlySignal<ReadonlyMap<string, number>>
}

/** A tap changes the cart, and of all tiles only the one that was tapped is drawn anew. */
export const ProductTile = memo(Tile, (before, after) => before.products === after.products)

function Tile({ counts, products, selling }: TileProps): JSX.Element | null {
  const { shelf } = useTill()
  const broken = useSignal<string | undefined>(undefined)
  const count = useComputed(() => products.reduce((sum, { id }) => sum + (counts.value.get(id) ?? 0), 0))
  const [product] = products
  if (product === undefined) return null
  const inCart = count.value
  const { name, openPrice, picture, price, unit } = product
  const seen = picture !== undefined && broken.value !== picture
  const digits = shelf.shop.value.currencyDigits
  const unitName = unit === 'piece' ? '' : ` / ${shelf.get('unit', unit)?.name ?? unit}`
  return (
    <li>
      <button
        type="button"
        class={`tile${seen ? ' has-picture' : ''}`}
        onClick={() => selling.choose(products)}
      >
        {seen && (
          <img
            src={`pictures/${encodeURIComponent(picture)}`}
            alt=""
            loading="lazy"
            decoding="async"
            // One that is not there (any more) leaves the tile as it is without one.
            onError={() => {
              broken.value = picture
            }}
          />
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
