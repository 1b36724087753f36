/** The catalogue as the contract has it, over a handle to `books.db`. */
import type { Customer, Product } from '../../protocol/till/catalogue.ts'
import type { catalogueOperations } from './catalogue.ts'
import type { CatalogueStore } from './catalogue-contract.ts'

type Operations = ReturnType<typeof catalogueOperations>
type Reads = Operations['reads']
type Writes = Operations['writes']

/** What this part needs of the handle. `lookUp` reads in a thread of its own, so that no order waits behind a search. */
interface Books {
  read<N extends keyof Reads & string>(name: N, ...args: Parameters<Reads[N]>): Promise<ReturnType<Reads[N]>>
  lookUp<N extends keyof Reads & string>(
    name: N,
    ...args: Parameters<Reads[N]>
  ): Promise<ReturnType<Reads[N]>>
  write<N extends keyof Writes & string>(
    name: N,
    ...args: Parameters<Writes[N]>
  ): Promise<ReturnType<Writes[N]>>
}

const parsed = <T>(docs: readonly string[]): T[] => docs.map((doc) => JSON.parse(doc) as T)

export function catalogueOver(books: Books): CatalogueStore {
  return {
    revision: () => books.read('catalogue.revision'),
    small: () => books.read('catalogue.small'),
    put: (things, at) =>
      books.write(
        'catalogue.put',
        things.map(({ kind, thing }) => ({ kind, id: thing.id, doc: JSON.stringify(thing) })),
        at,
      ),
    remove: (kind, id) => books.write('catalogue.remove', kind, id),
    async page({ kind, since, after, limit }) {
      const { next, ...page } = await books.lookUp('catalogue.page', { kind, since, after, limit })
      return { ...page, ...(next !== undefined && { next }) }
    },
    products: async (ids) => parsed<Product>(await books.read('catalogue.many', 'product', ids)),
    customers: async (ids) => parsed<Customer>(await books.read('catalogue.many', 'customer', ids)),
    async productByCode(code) {
      const found = await books.read('catalogue.byCode', 'product', code)
      return found && { product: JSON.parse(found.doc) as Product, quantity: found.quantity ?? '1' }
    },
    async customerByCode(code) {
      const found = await books.read('catalogue.byCode', 'customer', code)
      return found && (JSON.parse(found.doc) as Customer)
    },
    owners: async (kind, codes) => new Map(await books.read('catalogue.owners', kind, codes)),
    searchProducts: async (query) => parsed<Product>(await books.lookUp('catalogue.searchProducts', query)),
    searchCustomers: async (query) =>
      parsed<Customer>(await books.lookUp('catalogue.searchCustomers', query)),
    used: (kind, id) => books.lookUp('catalogue.used', kind, id),
    referrer: (kind, id) => books.lookUp('catalogue.referrer', kind, id),
  }
}
