/** The catalogue of the till: what is sold, by which rules, to whom. Small things are in memory, the rest is looked up. */
import { HubError } from '../../protocol/errors.ts'
import {
  type CatalogueKind,
  type CatalogueThing,
  type Customer,
  catalogueSchemas,
  type Product,
  type Shop,
  shopSchema,
} from '../../protocol/till/catalogue.ts'
import type { ThingRow } from '../../store/store.ts'
import type { CatalogueApi, TillTools } from '../parts.ts'
import type { Surroundings } from './checks.ts'
import { boxOf, defaultShop, defaultThings, type NewThing, shopId } from './defaults.ts'
import { demoThings } from './demo-shop.ts'
import { isSmall, type SmallCatalogueKind, SmallThings } from './memory.ts'

/** Longer chains of categories are cut: they are a circle that came in from elsewhere. */
const lineageMax = 50

export class Catalogue implements CatalogueApi {
  readonly #tools: TillTools
  readonly #small = new SmallThings()
  #shop: Shop
  #revision = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(tools: TillTools) {
    this.#tools = tools
    this.#shop = defaultShop(tools.hub)
  }

  /** Reads what there is; a new shop gets what it needs to sell. */
  async start(): Promise<void> {
    const { catalogue } = this.#tools.store.till
    let rows = await catalogue.small()
    if (!rows.some(({ kind }) => kind === 'shop')) {
      const goods = this.#tools.demo ? demoThings() : []
      await catalogue.put([...defaultThings(), ...goods, shopThing(this.#shop)])
      rows = await catalogue.small()
    }
    for (const row of rows) this.#load(row)
    this.#revision = await catalogue.revision()
    // The first search makes its index, which takes half a second for 100,000 products: before somebody waits for it.
    for (const search of [catalogue.searchProducts, catalogue.searchCustomers])
      search({ text: '', limit: 1 }).catch(() => {})
  }

  get shop(): Shop {
    return this.#shop
  }

  get revision(): number {
    return this.#revision
  }

  get<K extends SmallCatalogueKind>(kind: K, id: string): CatalogueThing<K> | undefined {
    return this.#small.get(kind, id)
  }

  must<K extends SmallCatalogueKind>(kind: K, id: string): CatalogueThing<K> {
    return this.#small.must(kind, id)
  }

  all<K extends SmallCatalogueKind>(kind: K): readonly CatalogueThing<K>[] {
    return this.#small.all(kind)
  }

  async products(ids: readonly string[]): Promise<ReadonlyMap<string, Product>> {
    const found = await this.#tools.store.till.catalogue.products([...new Set(ids)])
    const products = new Map(found.map((product) => [product.id, product]))
    for (const id of ids) if (!products.has(id)) throw new HubError('till_unknown', { kind: 'product', id })
    return products
  }

  async customer(id: string): Promise<Customer> {
    const [customer] = await this.#tools.store.till.catalogue.customers([id])
    if (customer === undefined) throw new HubError('till_unknown', { kind: 'customer', id })
    return customer
  }

  lineage(category: string | null): readonly string[] {
    const line: string[] = []
    for (let id = category; id !== null && line.length < lineageMax; ) {
      if (line.includes(id)) break
      line.push(id)
      id = this.get('category', id)?.parent ?? null
    }
    return line
  }

  /** Changes, one after the other: none rests on what another is changing. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work)
    this.#last = turn.catch(() => {})
    return turn
  }

  get surroundings(): Surroundings {
    return { small: this.#small, store: this.#tools.store.till.catalogue }
  }

  /** Puts things that were checked, keeps the memory in step and tells everybody. With `at`, customers go to the ledger. */
  async apply(things: readonly NewThing[], at?: number): Promise<number> {
    const before = this.#revision
    const revision = await this.applyQuietly(things, at)
    if (revision !== before) for (const kind of new Set(things.map(({ kind }) => kind))) this.announce(kind)
    return revision
  }

  /** A part of something longer: whoever calls announces it at the end. */
  async applyQuietly(things: readonly NewThing[], at?: number): Promise<number> {
    this.#revision = await this.#tools.store.till.catalogue.put(things, at)
    for (const { kind, thing } of things) this.#remember(kind, thing)
    return this.#revision
  }

  async applyRemoval(kind: CatalogueKind, id: string): Promise<number> {
    const { revision, removed } = await this.#tools.store.till.catalogue.remove(kind, id)
    if (!removed) throw new HubError('till_unknown', { kind, id })
    if (isSmall(kind)) this.#small.delete(kind, id)
    this.#revision = revision
    this.announce(kind)
    return revision
  }

  announce(kind: CatalogueKind | 'shop'): void {
    this.#tools.publish('till.catalogue.changed', { kind, revision: this.#revision })
  }

  #remember(kind: CatalogueKind | 'shop', thing: object): void {
    if (kind === 'shop') {
      const { id: _, ...shop } = thing as Shop & { id: string }
      this.#shop = shop
    } else if (isSmall(kind)) this.#small.set(kind, thing as { id: string })
  }

  /** What an older version wrote gets the fields that have been added since. */
  #load({ kind, id, doc }: ThingRow): void {
    const stored = JSON.parse(doc) as { id?: string }
    if (kind === 'shop') {
      const { id: _, ...shop } = stored
      const parsed = shopSchema.safeParse(shop)
      if (parsed.success) this.#shop = { box: boxOf(this.#tools.hub), ...parsed.data }
      else this.#unreadable(kind, id)
      return
    }
    const parsed = catalogueSchemas[kind].safeParse(stored)
    if (parsed.success) this.#remember(kind, parsed.data)
    else this.#unreadable(kind, id)
  }

  #unreadable(kind: string, id: string): void {
    this.#tools.log.warn({ kind, id }, 'a thing of the catalogue cannot be read and is left out')
    this.#tools.health.report(`till-catalogue-${kind}-${id}`, `The ${kind} ${id} of the till cannot be read.`)
  }
}

export const shopThing = (shop: Shop): NewThing => ({ kind: 'shop', thing: { id: shopId, ...shop } })
