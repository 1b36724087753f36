/** What a shop sells, as the store keeps it: small things whole, products and customers to be looked up and searched. */
import type { CatalogueKind, Customer, Product } from '../../protocol/till/catalogue.ts'

export type SmallKind = Exclude<CatalogueKind, 'product' | 'customer'> | 'shop'

export interface ThingRow {
  kind: CatalogueKind | 'shop'
  id: string
  /** JSON of the thing. */
  doc: string
  revision: number
}

export interface SearchQuery {
  text: string
  category?: readonly string[] | undefined
  favourites?: boolean | undefined
  limit: number
}

export interface CatalogueStore {
  /** Rises with every step that changes something. */
  revision(): Promise<number>
  small(): Promise<ThingRow[]>
  /**
   * Inserts or replaces, in one step, and answers the revision; what is as it was keeps its own. With `at` (ms since 1970) each
   * customer that changed goes to the ledger, as id and revision. Rejects with `till_invalid` for a code that another product
   * or customer has.
   */
  put(
    things: readonly { kind: CatalogueKind | 'shop'; thing: { id: string } }[],
    at?: number,
  ): Promise<number>
  remove(kind: CatalogueKind, id: string): Promise<{ revision: number; removed: boolean }>
  /**
   * A page of one kind by id, and ids that were removed after `since`, in the same order. Whoever follows by `since` takes the
   * revision of the first page.
   */
  page(query: {
    kind: CatalogueKind
    since?: number | undefined
    after?: string | undefined
    limit: number
  }): Promise<{ things: ThingRow[]; removed: string[]; revision: number; next?: string }>
  /** Those that there are, in no order. */
  products(ids: readonly string[]): Promise<Product[]>
  customers(ids: readonly string[]): Promise<Customer[]>
  /** By barcode or the barcode of a pack, whose quantity is answered too. */
  productByCode(code: string): Promise<{ product: Product; quantity: string } | undefined>
  customerByCode(code: string): Promise<Customer | undefined>
  /** Ids of products or customers by their codes. */
  owners(kind: 'product' | 'customer', codes: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Active ones: favourites first, then by sequence, then by name. */
  searchProducts(query: SearchQuery): Promise<Product[]>
  searchCustomers(query: SearchQuery): Promise<Customer[]>
  /** True when an order, draft or session names it. */
  used(kind: CatalogueKind, id: string): Promise<boolean>
  /** A product or customer that refers to it; small things are in memory. */
  referrer(kind: CatalogueKind, id: string): Promise<{ kind: 'product' | 'customer'; id: string } | undefined>
}
