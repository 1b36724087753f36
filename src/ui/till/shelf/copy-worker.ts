/**
 * The copy of the catalogue, in a thread of its own: fetches products and customers from the hub in pages, keeps the pages in
 * IndexedDB, and searches them in memory. The page is never kept waiting, however many there are.
 */
import type { Customer, Product } from '../../../protocol/till/catalogue.ts'
import {
  customerTerms,
  type Findable,
  findableCustomer,
  findableProduct,
  productTerms,
  type Term,
} from '../../../protocol/till/search-words.ts'
import type { Answer, Answers, Ask, Asked, Question, Told } from './copy-messages.ts'

export const copyLimits = {
  /** Things of a page, as the hub answers them. */
  pageSize: 500,
} as const

type Kind = 'product' | 'customer'
type Thing = { product: Product; customer: Customer }

/** How far the copying of a kind is. */
interface Progress {
  /** Everything that is older is here. */
  revision: number | undefined
  /** While the first copy is being made: the last id, and the revision when it began. */
  after: string | undefined
  begun: number | undefined
}

interface Row<K extends Kind> {
  thing: Thing[K]
  findable: Findable
}

const codesOf = {
  product: ({ barcodes, packs, reference }: Product): [string, string][] => [
    ...(reference === undefined ? [] : [[reference, '1'] as [string, string]]),
    ...barcodes.map((code) => [code, '1'] as [string, string]),
    ...packs.map(({ barcode, quantity }) => [barcode, quantity] as [string, string]),
  ],
  customer: ({ barcode }: Customer): [string, string][] => (barcode === undefined ? [] : [[barcode, '1']]),
} as const

/** All things of one kind: by id, by code, and in the order in which lists show them. */
class Shelf<K extends Kind> {
  readonly #kind: K
  readonly rows = new Map<string, Row<K>>()
  readonly #codes = new Map<string, { id: string; quantity: string }>()
  #sorted: Row<K>[] | undefined

  constructor(kind: K) {
    this.#kind = kind
  }

  put(thing: Thing[K]): void {
    this.remove(thing.id)
    const findable =
      this.#kind === 'product' ? findableProduct(thing as Product) : findableCustomer(thing as Customer)
    this.rows.set(thing.id, { thing, findable })
    for (const [code, quantity] of codesOf[this.#kind](thing as Product & Customer))
      this.#codes.set(code, { id: thing.id, quantity })
    this.#sorted = undefined
  }

  remove(id: string): void {
    const row = this.rows.get(id)
    if (row === undefined) return
    for (const [code] of codesOf[this.#kind](row.thing as Product & Customer))
      if (this.#codes.get(code)?.id === id) this.#codes.delete(code)
    this.rows.delete(id)
    this.#sorted = undefined
  }

  byCode(code: string): { thing: Thing[K]; quantity: string } | undefined {
    const found = this.#codes.get(code)
    const row = found === undefined ? undefined : this.rows.get(found.id)
    return row === undefined || found === undefined
      ? undefined
      : { thing: row.thing, quantity: found.quantity }
  }

  find(terms: readonly Term[], limit: number, fits: (thing: Thing[K]) => boolean): Thing[K][] {
    const found: Thing[K][] = []
    for (const { findable, thing } of this.#inOrder()) {
      if (found.length >= limit) break
      if (terms.every((term) => holds(findable, term)) && fits(thing)) found.push(thing)
    }
    return found
  }

  #inOrder(): readonly Row<K>[] {
    this.#sorted ??= [...this.rows.values()]
      .filter(({ findable }) => findable.rank !== null)
      .sort((a, b) => ((a.findable.rank ?? '') < (b.findable.rank ?? '') ? -1 : 1))
    return this.#sorted
  }
}

const holds = ({ codes, names }: Findable, { code, name }: Term): boolean =>
  (name !== '' && names.includes(name)) || codes.includes(code)

const shelves = { product: new Shelf('product'), customer: new Shelf('customer') }

interface Hub {
  rpc: string
  token: string
  /** When it was asked to copy, in ms since 1970. */
  now: number
}

/** Its message is the status that the hub answered with. */
class Refused extends Error {}

class Copying {
  readonly #db: IDBDatabase
  readonly #tell: (told: Told) => void
  #hub: Hub | undefined
  #running = false
  #again = false
  #at: number | null = null
  #next: () => void = () => undefined

  constructor(db: IDBDatabase, tell: (told: Told) => void) {
    this.#db = db
    this.#tell = tell
  }

  /** What was copied before is found at once. */
  async load(): Promise<void> {
    for (const kind of ['product', 'customer'] as const) {
      const store = this.#db.transaction('pages').objectStore('pages')
      const pages = (await answer(
        store.getAll(IDBKeyRange.bound(`${kind}/`, `${kind}/\uffff`)),
      )) as Thing[Kind][][]
      for (const page of pages) for (const thing of page) (shelves[kind] as Shelf<Kind>).put(thing)
    }
    this.#at = ((await this.#read('at')) as number | undefined) ?? null
    // Written when both kinds are whole.
    this.#report(this.#at === null ? 'copying' : 'complete')
  }

  next(): void {
    this.#next()
  }

  follow(hub: Hub): void {
    this.#hub = hub
    if (this.#running) {
      this.#again = true
      return
    }
    this.#running = true
    this.#copyAll()
      .catch((thrown) => {
        // One that cannot be reached calls by itself when it is back; one that refuses does not.
        if (thrown instanceof Refused) this.#tell({ tell: 'refused' })
      })
      .finally(() => {
        this.#running = false
        if (!this.#again) return
        this.#again = false
        if (this.#hub !== undefined) this.follow(this.#hub)
      })
  }

  async #copyAll(): Promise<void> {
    const begun = this.#hub?.now ?? 0
    for (const kind of ['product', 'customer'] as const) await this.#copyKind(kind)
    this.#at = begun
    await this.#write([['at', begun]], [])
    this.#report('complete')
  }

  async #copyKind(kind: Kind): Promise<void> {
    let progress = await this.#progress(kind)
    for (;;) {
      const since = progress.revision
      const page = await this.#ask(kind, since, progress.after)
      const begun = progress.begun ?? page.revision
      for (const thing of page.things) (shelves[kind] as Shelf<Kind>).put(thing)
      for (const id of page.removed) shelves[kind].remove(id)
      progress =
        page.next === undefined
          ? { revision: begun, after: undefined, begun: undefined }
          : { revision: since, after: page.next, begun }
      // One transaction: after a reload it goes on exactly behind what is on the disk.
      await this.#keep(kind, since === undefined, page, progress)
      if (since === undefined) this.#report('copying')
      if (page.next === undefined) return
      const next = Promise.withResolvers<void>()
      this.#next = next.resolve
      this.#tell({ tell: 'page' })
      await next.promise
    }
  }

  async #ask(kind: Kind, since: number | undefined, after: string | undefined) {
    const { rpc, token } = this.#hub as Hub
    const params = {
      kind,
      limit: copyLimits.pageSize,
      ...(since !== undefined && { since }),
      ...(after && { after }),
    }
    const response = await fetch(rpc, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'till.catalogue', params }),
    })
    const { result } = (await response.json()) as {
      result?: { things: Thing[Kind][]; removed: string[]; revision: number; next?: string }
    }
    if (result === undefined) throw new Refused(String(response.status))
    return result
  }

  /** A page has the things whose ids lie between its own and the next page's; few pages are read back faster than many rows. */
  async #keep(
    kind: Kind,
    isFirstCopy: boolean,
    { removed, things }: { things: readonly Thing[Kind][]; removed: readonly string[] },
    progress: Progress,
  ): Promise<void> {
    const first = things[0]?.id
    let pages: [string, unknown][] = []
    // Pages of the first copy come in the order of ids, and each is written once.
    if (isFirstCopy) pages = first === undefined ? [] : [[`${kind}/${first}`, things]]
    else if (things.length + removed.length > 0) pages = await this.#touched(kind, things, removed)
    await this.#write([[`progress/${kind}`, progress]], pages)
  }

  /** The pages that hold the changed things, as they are now in memory. */
  async #touched(
    kind: Kind,
    things: readonly { id: string }[],
    removed: readonly string[],
  ): Promise<[string, unknown][]> {
    const store = this.#db.transaction('pages').objectStore('pages')
    const keys = (
      (await answer(store.getAllKeys(IDBKeyRange.bound(`${kind}/`, `${kind}/\uffff`)))) as string[]
    ).sort()
    const changed = [...things.map(({ id }) => id), ...removed]
    if (keys.length === 0) return [[`${kind}/`, [...shelves[kind].rows.values()].map(({ thing }) => thing)]]
    const pageOf = (id: string) => keys.findLast((key) => key <= `${kind}/${id}`) ?? (keys[0] as string)
    const wanted = new Set(changed.map(pageOf))
    const found = new Map<string, unknown[]>([...wanted].map((key) => [key, []]))
    for (const [id, { thing }] of shelves[kind].rows) found.get(pageOf(id))?.push(thing)
    return [...found]
  }

  async #progress(kind: Kind): Promise<Progress> {
    const kept = (await this.#read(`progress/${kind}`)) as Progress | undefined
    return kept ?? { revision: undefined, after: undefined, begun: undefined }
  }

  #read(key: string): Promise<unknown> {
    return answer(this.#db.transaction('values').objectStore('values').get(key))
  }

  #write(values: readonly [string, unknown][], pages: readonly [string, unknown][]): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.#db.transaction(['values', 'pages'], 'readwrite')
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
      for (const [key, value] of values) transaction.objectStore('values').put(value, key)
      for (const [key, value] of pages) transaction.objectStore('pages').put(value, key)
    })
  }

  #report(state: 'copying' | 'complete'): void {
    this.#tell({ tell: 'state', state, products: shelves.product.rows.size, at: this.#at })
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

const answers: { [A in Ask]: (asked: Asked[A]) => Answers[A] } = {
  product: (id) => shelves.product.rows.get(id)?.thing,
  customer: (id) => shelves.customer.rows.get(id)?.thing,
  productByCode(code) {
    const found = shelves.product.byCode(code)
    return found && { product: found.thing, quantity: found.quantity }
  },
  customerByCode: (code) => shelves.customer.byCode(code)?.thing,
  search({ below, favourites, limit, text }) {
    const categories = below === undefined ? undefined : new Set(below)
    const fits = ({ category, favourite }: Product) =>
      (categories === undefined || (category !== null && categories.has(category))) &&
      (!favourites || favourite)
    return shelves.product.find(productTerms(text), limit, fits)
  },
  searchCustomers: ({ limit, text }) => shelves.customer.find(customerTerms(text), limit, () => true),
}

/** The worker's own `self`, which the types of a page do not know. */
const thread = globalThis as unknown as {
  onmessage: ((event: { data: Question }) => void) | null
  postMessage(message: Answer | Told): void
}

const opening = indexedDB.open('tillbridge-catalogue', 1)
opening.onupgradeneeded = () => {
  opening.result.createObjectStore('pages')
  opening.result.createObjectStore('values')
}
const copying = answer(opening).then(async (db) => {
  const made = new Copying(db, (told) => thread.postMessage(told))
  await made.load()
  return made
})
copying.catch(() => thread.postMessage({ tell: 'state', state: 'off', products: 0, at: null }))

thread.onmessage = ({ data }) => {
  void copying.then((made) => {
    if (data.ask === 'follow') made.follow(data.hub)
    else if (data.ask === 'next') made.next()
    else {
      const of = answers[data.ask] as (asked: unknown) => unknown
      thread.postMessage({ id: data.id, answer: of(data.asked) })
    }
  })
}
