/** Lines that the hub adds by itself, of the order's discount and the tip: what they count for and are called. */
import type { Product, Shop } from '../../protocol/till/catalogue.ts'
import type { OrderTerms } from './contract.ts'

/** Products with these ids, where the shop has them, give those lines their names and, to a tip, its taxes. */
export const extraProducts = { discount: 'discount', tip: 'tip' } as const

const words: Record<keyof typeof extraProducts, Record<Shop['language'], string>> = {
  discount: { en: 'Discount', de: 'Rabatt', fr: 'Remise', es: 'Descuento', nl: 'Korting' },
  tip: { en: 'Tip', de: 'Trinkgeld', fr: 'Pourboire', es: 'Propina', nl: 'Fooi' },
}

/** Taxes of the tip as its product has them: fiscal position and groups are still to come. */
export function extraLines(
  { language }: Shop,
  discount: string,
  products: readonly Product[],
): Pick<OrderTerms, 'discountLine' | 'tipLine'> {
  const named = (what: keyof typeof extraProducts) => {
    const product = products.find(({ id, kind }) => id === extraProducts[what] && kind === what)
    return {
      product: product?.id ?? extraProducts[what],
      name: product?.name ?? words[what][language],
      taxes: product?.taxes ?? [],
    }
  }
  const { taxes: _none, ...discountLine } = named('discount')
  return {
    discountLine: { ...discountLine, name: `${discountLine.name} ${discount} %` },
    tipLine: named('tip'),
  }
}
