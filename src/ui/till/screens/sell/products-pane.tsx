/** Everything there is to sell: search, categories, tiles. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { Product } from '../../../../protocol/till/catalogue.ts'
import { Icon } from '../../../parts/icon.tsx'
import { say } from '../../../words/say.ts'
import { tellError, useTill } from '../../context.ts'
import { TillIcon } from '../../parts/icons.tsx'
import { type Selling, takeCode } from './asking.ts'
import { CategoryStrip } from './category-strip.tsx'
import { ProductTile } from './product-tile.tsx'

export const productLimits = {
  /** Tiles at once; more are asked for. */
  tiles: 60,
  /** A search waits so long for the next key, in ms. */
  typingMs: 40,
} as const

/** `null`: all. `favourites` is none of the categories. */
export type Within = { category: string } | 'favourites' | null

export function ProductsPane({ selling }: { selling: Selling }): JSX.Element {
  const till = useTill()
  const { link, scanner, shelf } = till
  const group = useSignal<Within>(null)
  const shown = useSignal<number>(productLimits.tiles)
  const found = useSignal<readonly Product[] | undefined>(
    shelf.recall(questionOf('', null, productLimits.tiles)),
  )
  const field = useRef<HTMLInputElement>(null)
  const text = selling.text.value
  const asked = selling.searching.value
  useEffect(() => {
    if (asked > 0) field.current?.focus()
  }, [asked])
  const where = group.value
  const limit = shown.value
  const revision = shelf.revision.value
  const online = link.stage.value === 'online'
  useEffect(() => {
    let wanted = true
    const ask = async () => {
      try {
        const products = await shelf.search(questionOf(text.trim(), where, limit))
        if (wanted) found.value = products
      } catch (error) {
        if (wanted) tellError(till, error)
      }
    }
    const cancel = till.clock.after(text === '' ? 0 : productLimits.typingMs, () => void ask())
    return () => {
      wanted = false
      cancel()
    }
  }, [text, where, limit, revision, online, shelf, found, till])
  const enter = async () => {
    const products = found.value ?? []
    const code = text.trim()
    if (code === '') return
    // Digits typed by hand are a code first; words choose when only one thing is left.
    if (/^\d{4,}$/.test(code)) {
      selling.text.value = ''
      return takeCode(code, selling, till)
    }
    if (groupsOf(products).length === 1) {
      selling.text.value = ''
      selling.choose(products)
    }
  }
  // Lines of discount and tip are the order's own: nobody sells one.
  const sold = (found.value ?? []).filter(({ kind }) => kind !== 'discount' && kind !== 'tip')
  const tiles = useMemo(() => groupsOf(sold.slice(0, limit)), [found.value, limit])
  const counts = useComputed(() => {
    const all = new Map<string, number>()
    for (const { product, quantity } of till.cart.state.value.lines)
      all.set(product.id, (all.get(product.id) ?? 0) + Number(quantity))
    return all
  })
  return (
    <section class="products-pane" aria-label={say('sell.pane.products')}>
      <form
        class="product-search"
        onSubmit={(event) => {
          event.preventDefault()
          void enter()
        }}
      >
        <label class="search">
          <Icon name="search" />
          <span class="hidden-text">{say('sell.search')}</span>
          <input
            ref={field}
            type="search"
            placeholder={say('sell.search')}
            value={text}
            autocomplete="off"
            enterkeyhint="search"
            onInput={(event) => {
              selling.text.value = event.currentTarget.value
              shown.value = productLimits.tiles
            }}
          />
        </label>
        {scanner.camera && (
          <button
            type="button"
            class="cart-tool"
            aria-label={say('sell.camera')}
            onClick={() => selling.ask({ what: 'camera' })}
          >
            <TillIcon name="camera" />
          </button>
        )}
      </form>
      <CategoryStrip group={group} />
      <div class="tiles-scroll">
        {found.value !== undefined && tiles.length === 0 ? (
          <Nothing selling={selling} />
        ) : (
          <ul class="tiles">
            {tiles.map((products) => (
              <ProductTile key={products[0]?.id} products={products} selling={selling} counts={counts} />
            ))}
          </ul>
        )}
        {(found.value?.length ?? 0) > limit && (
          <button
            type="button"
            class="tiles-more"
            onClick={() => {
              shown.value = limit + productLimits.tiles
            }}
          >
            {say('common.show_more')}
          </button>
        )}
      </div>
    </section>
  )
}

/** One more than is shown, to know whether there are more. */
const questionOf = (text: string, where: Within, limit: number) => ({
  text,
  limit: limit + 1,
  ...(where === 'favourites' && { favourites: true }),
  ...(where !== null && where !== 'favourites' && where),
})

/** Variants of one thing share a tile, at the place of the first. */
function groupsOf(products: readonly Product[]): readonly (readonly Product[])[] {
  const groups = new Map<string, Product[]>()
  for (const product of products) {
    const key = product.template === undefined ? product.id : `t:${product.template}`
    groups.set(key, [...(groups.get(key) ?? []), product])
  }
  return [...groups.values()]
}

function Nothing({ selling }: { selling: Selling }): JSX.Element {
  const { shelf } = useTill()
  const text = selling.text.value
  const away = shelf.copy.value.state !== 'complete'
  return (
    <div class="empty">
      <Icon name="search" size={40} />
      <h2>{text === '' ? say('sell.none') : say('sell.none.for', { text })}</h2>
      <p>{text === '' ? say('sell.none.todo') : away ? say('sell.none.copy') : ''}</p>
    </div>
  )
}
