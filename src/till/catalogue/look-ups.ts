/** Looking things up for tills: pages, searches with prices, and what a scanned code stands for. */
import { HubError } from '../../protocol/errors.ts'
import type { Product } from '../../protocol/till/catalogue.ts'
import { type CodeReading, readCode } from '../engine/codes.ts'
import { parseDecimal } from '../engine/decimal.ts'
import { Pricer } from '../engine/price.ts'
import { toMinor } from '../engine/rounding.ts'
import { scannedQuantity } from '../engine/scanned-quantity.ts'
import type { TillParams, TillResult, TillTools } from '../parts.ts'
import type { Catalogue } from './catalogue.ts'

type Scanned = TillResult<'till.scan'>

export class CatalogueLookUps {
  readonly #tools: TillTools
  readonly #catalogue: Catalogue
  readonly #pricer = new Pricer()

  constructor(tools: TillTools, catalogue: Catalogue) {
    this.#tools = tools
    this.#catalogue = catalogue
  }

  async page(query: TillParams<'till.catalogue'>): Promise<TillResult<'till.catalogue'>> {
    const { things, ...rest } = await this.#store.page(query)
    return { things: things.map(({ doc }) => JSON.parse(doc) as Record<string, unknown>), ...rest }
  }

  async searchProducts({
    category,
    ...query
  }: TillParams<'till.product.search'>): Promise<TillResult<'till.product.search'>> {
    const categories = category === undefined ? undefined : this.#withThoseBelow(category)
    return { products: await this.#store.searchProducts({ ...query, category: categories }) }
  }

  async searchCustomers(
    query: TillParams<'till.customer.search'>,
  ): Promise<TillResult<'till.customer.search'>> {
    return { customers: await this.#store.searchCustomers(query) }
  }

  /** In the order of the ids. Throws `till_unknown` for one that is nobody's. */
  async customers({ ids }: TillParams<'till.customer.get'>): Promise<TillResult<'till.customer.get'>> {
    const found = new Map((await this.#store.customers(ids)).map((customer) => [customer.id, customer]))
    return {
      customers: ids.map((id, index) => {
        const customer = found.get(id)
        if (customer === undefined)
          throw new HubError('till_unknown', { kind: 'customer', id, path: `ids.${index}` })
        return customer
      }),
    }
  }

  async priced({
    ids,
    register,
    pricelist,
    quantity,
  }: TillParams<'till.product.get'>): Promise<TillResult<'till.product.get'>> {
    const catalogue = this.#catalogue
    const list = pricelist === undefined ? catalogue.must('register', register).pricelist : pricelist
    const { priceDigits, currencyDigits } = catalogue.shop
    const products = await catalogue.products(ids)
    const at = this.#tools.clock.now()
    return {
      products: ids.map((id) => {
        const product = products.get(id) as Product
        const price = this.#pricer.priceOf({
          product,
          quantity,
          pricelist: list === null ? null : catalogue.must('pricelist', list),
          pricelistOf: (other) => catalogue.get('pricelist', other),
          at,
          lineage: catalogue.lineage(product.category),
          priceDigits,
        })
        return { product, price, gross: toMinor(parseDecimal(price), currencyDigits) }
      }),
    }
  }

  /** The first meaning of the code under which something is found. Badges are not looked up here: only a log-in knows them. */
  async scan({ code, register }: TillParams<'till.scan'>): Promise<Scanned> {
    this.#catalogue.must('register', register)
    let badge = false
    for (const reading of readCode(code, this.#catalogue.all('nomenclatureRule'))) {
      const scanned = await this.#found(reading)
      if (scanned !== undefined) return scanned
      badge ||= reading.kind === 'employee'
    }
    return { kind: badge ? 'employee' : 'unknown' }
  }

  async #found(reading: CodeReading): Promise<Scanned | undefined> {
    const { kind, discount, lookups } = reading
    if (kind === 'discount') return { kind, ...(discount !== undefined && { discount }) }
    for (const code of lookups) {
      if (kind === 'product') {
        const found = await this.#store.productByCode(code)
        if (found !== undefined) return this.#product(reading, found)
      } else if (kind === 'customer') {
        const customer = await this.#store.customerByCode(code)
        if (customer !== undefined) return { kind, customer }
      } else if (kind === 'receipt') {
        const order = await this.#tools.store.till.orders.byReference(code)
        if (order !== undefined) return { kind, order }
      }
    }
    return undefined
  }

  #product(reading: CodeReading, found: { product: Product; quantity: string }): Scanned {
    const { price, lot, serial } = reading
    const { product } = found
    const quantity = scannedQuantity(reading, found, (id) => this.#catalogue.get('unit', id))
    return {
      kind: 'product',
      product,
      ...(quantity !== undefined && { quantity }),
      ...(price !== undefined && { price }),
      ...((lot ?? serial) !== undefined && { lot: (serial ?? lot) as string }),
    }
  }

  #withThoseBelow(category: string): string[] {
    const below = this.#catalogue
      .all('category')
      .filter(({ id }) => this.#catalogue.lineage(id).includes(category))
    return [category, ...below.map(({ id }) => id)]
  }

  get #store() {
    return this.#tools.store.till.catalogue
  }
}
