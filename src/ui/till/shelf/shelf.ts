/** The catalogue as the till sees it: small things in memory, products and customers from the hub, or from the copy here. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { HubError, toHubError } from '../../../protocol/errors.ts'
import type { Result } from '../../../protocol/methods.ts'
import type {
  CatalogueThing,
  Customer,
  PaymentMethod,
  Product,
  Register,
  Shop,
} from '../../../protocol/till/catalogue.ts'
import { offeredAt } from '../../../till/engine/payments.ts'
import type { Journal, Link, Scanned, Shelf, SmallKind } from '../contract.ts'
import { answerLost, hubUnready } from '../link/answers.ts'
import type { Copy } from './copy.ts'
import { type CodeSources, scannedIn } from './scanned.ts'

const kinds: readonly SmallKind[] = [
  'unit',
  'tax',
  'category',
  'pricelist',
  'fiscalPosition',
  'paymentMethod',
  'nomenclatureRule',
  'register',
  'floor',
  'table',
  'kitchen',
]

export const shelfLimits = {
  /** Products and customers seen lately, kept in memory. */
  seen: 2_000,
  /** Answers to searches kept in memory. */
  answers: 20,
  pageMax: 500,
  searched: 60,
} as const

/** Until the hub or the journal has said what the shop is. */
const noShop: Shop = {
  name: '',
  address: [],
  currency: 'EUR',
  currencyDigits: 2,
  priceDigits: 2,
  taxRounding: 'per-tax',
  language: 'en',
  timeZone: 'UTC',
  withoutEmployees: 'cashier',
  overpayFactor: 1_000,
}

interface Small {
  shop: Shop
  things: Partial<Record<SmallKind, { id: string }[]>>
  revisions: Partial<Record<SmallKind, number>>
}

interface ShelfParts {
  link: Pick<Link, 'call' | 'onFresh' | 'stage' | 'subscribe'>
  journal: Journal
  copy: Copy
  /** The register that scans are for. */
  register: () => string | null
}

export class HubShelf implements Shelf {
  readonly #parts: ShelfParts
  readonly #ready = signal(false)
  readonly #shop: Signal<Shop> = signal(noShop)
  readonly #revision = signal(0)
  readonly #things = new Map<SmallKind, Map<string, { id: string }>>()
  readonly #revisions: Partial<Record<SmallKind, number>> = {}
  /** The latest is last. */
  readonly #products = new Map<string, Product>()
  readonly #customers = new Map<string, Customer>()
  /** By the question; the latest is last. */
  readonly #answers = new Map<string, readonly Product[]>()
  readonly copy: Shelf['copy']
  #loading: Promise<void> | undefined
  #again = false

  constructor(parts: ShelfParts) {
    this.#parts = parts
    this.copy = computed(() => parts.copy.state.value)
  }

  get ready(): ReadonlySignal<boolean> {
    return this.#ready
  }

  get shop(): ReadonlySignal<Shop> {
    return this.#shop
  }

  get revision(): ReadonlySignal<number> {
    return this.#revision
  }

  async start(): Promise<void> {
    const { copy, journal, link } = this.#parts
    const kept = await journal.read<Small>('shelf/small')
    if (kept !== undefined && !this.#ready.peek()) this.#take(kept)
    link.onFresh(() => void this.#load())
    link.subscribe(['till.catalogue.changed'], ({ data }) => {
      if (data.kind === 'product' || data.kind === 'customer') {
        this.#products.clear()
        this.#customers.clear()
        this.#revision.value++
        copy.follow()
      } else void this.#load()
    })
    await copy.start()
  }

  all<K extends SmallKind>(kind: K): readonly CatalogueThing<K>[] {
    this.#revision.value
    return [...(this.#things.get(kind)?.values() ?? [])] as CatalogueThing<K>[]
  }

  get<K extends SmallKind>(kind: K, id: string): CatalogueThing<K> | undefined {
    this.#revision.value
    return this.#things.get(kind)?.get(id) as CatalogueThing<K> | undefined
  }

  lineage(category: string | null): readonly string[] {
    const found: string[] = []
    for (let at = category; at !== null && !found.includes(at); at = this.get('category', at)?.parent ?? null)
      found.push(at)
    return found
  }

  methodsAt(register: Register): readonly PaymentMethod[] {
    const offered = offeredAt(register, this.all('paymentMethod'))
    if (register.paymentMethods.length > 0) return offered
    return offered.sort((a, b) => a.sequence - b.sequence || (a.id < b.id ? -1 : 1))
  }

  peek(id: string): Product | undefined {
    return this.#products.get(id)
  }

  async product(id: string): Promise<Product> {
    const seen = this.#products.get(id)
    if (seen !== undefined) return seen
    const register = this.#parts.register()
    if (this.#online() && register !== null) {
      const { products } = await this.#parts.link.call('till.product.get', { ids: [id], register })
      const [found] = products
      if (found !== undefined) return this.#see(found.product)
    }
    const kept = await this.#parts.copy.product(id)
    if (kept === undefined) throw new HubError('till_unknown', { kind: 'product', id })
    return this.#see(kept)
  }

  async search(asked: Parameters<Shelf['search']>[0]): Promise<readonly Product[]> {
    const { category, favourites, limit = shelfLimits.searched, text } = asked
    const question = {
      text,
      limit,
      ...(category !== undefined && { category }),
      ...(favourites && { favourites }),
    }
    const products = await this.#either(
      async () => (await this.#parts.link.call('till.product.search', question)).products,
      () => this.#parts.copy.search({ ...question, below: this.#below(category) }),
      () => this.#searchSeen(text, category, limit),
    )
    for (const product of products) this.#see(product)
    const key = JSON.stringify(asked)
    this.#answers.delete(key)
    this.#answers.set(key, products)
    const oldest = this.#answers.size > shelfLimits.answers ? this.#answers.keys().next().value : undefined
    if (oldest !== undefined) this.#answers.delete(oldest)
    return products
  }

  recall(asked: Parameters<Shelf['search']>[0]): readonly Product[] | undefined {
    return this.#answers.get(JSON.stringify(asked))
  }

  async customer(id: string): Promise<Customer> {
    const seen = this.#customers.get(id) ?? (await this.#parts.copy.customer(id))
    if (seen !== undefined) return this.#seeCustomer(seen)
    const { customers } = await this.#parts.link.call('till.customer.get', { ids: [id] })
    const [found] = customers
    if (found === undefined) throw new HubError('till_unknown', { kind: 'customer', id })
    return this.#seeCustomer(found)
  }

  /** One that was made here, and that the hub may not have yet. */
  known(customer: Customer): void {
    this.#seeCustomer(customer)
  }

  async searchCustomers(text: string, limit = shelfLimits.searched): Promise<readonly Customer[]> {
    const customers = await this.#either(
      async () => (await this.#parts.link.call('till.customer.search', { text, limit })).customers,
      () => this.#parts.copy.searchCustomers({ text, limit }),
      () => {
        const wanted = text.toLowerCase()
        return [...this.#customers.values()]
          .filter(({ name }) => name.toLowerCase().includes(wanted))
          .slice(0, limit)
      },
    )
    for (const customer of customers) this.#seeCustomer(customer)
    return customers
  }

  async scan(code: string): Promise<Scanned> {
    const register = this.#parts.register()
    return this.#either(
      async () => {
        if (register === null) return { kind: 'unknown', code }
        const found = await this.#parts.link.call('till.scan', { code, register })
        if (found.product !== undefined) this.#see(found.product)
        if (found.customer !== undefined) this.#seeCustomer(found.customer)
        return scannedOf(found, code)
      },
      () => scannedIn(code, this.all('nomenclatureRule'), this.#sources(this.#parts.copy)),
      () => scannedIn(code, this.all('nomenclatureRule'), this.#sources(this.#seen())),
    )
  }

  /** Asks the hub; while it is away, or hangs up, the copy; and without one, what was seen. */
  async #either<T>(hub: () => Promise<T>, copy: () => Promise<T>, seen: () => T | Promise<T>): Promise<T> {
    if (this.#online()) {
      try {
        return await hub()
      } catch (thrown) {
        const { code } = toHubError(thrown)
        if (!answerLost(code) && !hubUnready(code)) throw thrown
      }
    }
    return this.#parts.copy.usable ? copy() : seen()
  }

  #online(): boolean {
    return this.#parts.link.stage.peek() === 'online'
  }

  /** A category and those below it. */
  #below(category: string | undefined): readonly string[] | undefined {
    if (category === undefined) return undefined
    const all = this.all('category').filter(({ id }) => this.lineage(id).includes(category))
    return [category, ...all.map(({ id }) => id)]
  }

  #searchSeen(text: string, category: string | undefined, limit: number): readonly Product[] {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    const below = this.#below(category)
    return [...this.#products.values()]
      .filter(
        (product) =>
          product.active &&
          (below === undefined || (product.category !== null && below.includes(product.category))) &&
          words.every((word) => product.name.toLowerCase().includes(word) || product.barcodes.includes(word)),
      )
      .slice(0, limit)
  }

  #sources(from: Pick<Copy, 'customerByCode' | 'productByCode'>): CodeSources {
    return {
      productByCode: (code) => from.productByCode(code),
      customerByCode: (code) => from.customerByCode(code),
      unit: (id) => this.get('unit', id),
    }
  }

  /** What was seen, as the copy would answer it. */
  #seen(): Pick<Copy, 'customerByCode' | 'productByCode'> {
    return {
      productByCode: async (code) => {
        for (const product of this.#products.values()) {
          if (product.barcodes.includes(code) || product.reference === code) return { product, quantity: '1' }
          const pack = product.packs.find(({ barcode }) => barcode === code)
          if (pack !== undefined) return { product, quantity: pack.quantity }
        }
        return undefined
      },
      customerByCode: async (code) => [...this.#customers.values()].find(({ barcode }) => barcode === code),
    }
  }

  #see(product: Product): Product {
    return keep(this.#products, product)
  }

  #seeCustomer(customer: Customer): Customer {
    return keep(this.#customers, customer)
  }

  /** Asked again while it is being asked is asked once more afterwards. */
  #load(): Promise<void> {
    this.#again = this.#loading !== undefined
    this.#loading ??= this.#loadAll()
      .catch(() => undefined)
      .finally(() => {
        this.#loading = undefined
        if (this.#again) void this.#load()
      })
    return this.#loading
  }

  async #loadAll(): Promise<void> {
    const { journal, link } = this.#parts
    const [shop] = await Promise.all([
      link.call('till.shop', {}),
      ...kinds.map((kind) => this.#loadKind(kind)),
    ])
    this.#shop.value = shop
    this.#ready.value = true
    this.#revision.value++
    await journal.write('shelf/small', {
      shop,
      things: Object.fromEntries(kinds.map((kind) => [kind, [...(this.#things.get(kind)?.values() ?? [])]])),
      revisions: this.#revisions,
    } satisfies Small)
  }

  /** Only what is newer than what is here. */
  async #loadKind(kind: SmallKind): Promise<void> {
    const since = this.#revisions[kind]
    const map = new Map(this.#things.get(kind))
    let after: string | undefined
    let revision: number | undefined
    do {
      const page = await this.#parts.link.call('till.catalogue', {
        kind,
        limit: shelfLimits.pageMax,
        ...(since !== undefined && { since }),
        ...(after !== undefined && { after }),
      })
      for (const thing of page.things) map.set(String(thing.id), thing as { id: string })
      for (const id of page.removed) map.delete(id)
      // Of the first page: what changes meanwhile is asked for again.
      revision ??= page.revision
      after = page.next
    } while (after !== undefined)
    this.#things.set(kind, map)
    this.#revisions[kind] = revision
  }

  #take({ revisions, shop, things }: Small): void {
    for (const kind of kinds) {
      this.#things.set(kind, new Map((things[kind] ?? []).map((thing) => [thing.id, thing])))
      const revision = revisions[kind]
      if (revision !== undefined) this.#revisions[kind] = revision
    }
    this.#shop.value = shop
    this.#ready.value = true
    this.#revision.value++
  }
}

function keep<T extends { id: string }>(map: Map<string, T>, thing: T): T {
  map.delete(thing.id)
  map.set(thing.id, thing)
  const oldest = map.size > shelfLimits.seen ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
  return thing
}

function scannedOf(found: Result<'till.scan'>, code: string): Scanned {
  const { customer, discount, kind, lot, order, price, product, quantity } = found
  if (kind === 'product' && product !== undefined)
    return {
      kind,
      product,
      ...(quantity !== undefined && { quantity }),
      ...(price !== undefined && { price }),
      ...(lot !== undefined && { lot }),
    }
  if (kind === 'customer' && customer !== undefined) return { kind, customer }
  if (kind === 'employee') return { kind, badge: code }
  if (kind === 'discount' && discount !== undefined) return { kind, discount }
  if (kind === 'receipt' && order !== undefined) return { kind, order }
  return { kind: 'unknown', code }
}
