/** What the page and the thread of the catalogue's copy say to each other. */
import type { Customer, Product } from '../../../protocol/till/catalogue.ts'

/** What can be asked, with its answer. */
export interface Answers {
  product: Product | undefined
  customer: Customer | undefined
  productByCode: { product: Product; quantity: string } | undefined
  customerByCode: Customer | undefined
  search: Product[]
  searchCustomers: Customer[]
}

export interface Asked {
  product: string
  customer: string
  productByCode: string
  customerByCode: string
  search: {
    text: string
    limit: number
    below?: readonly string[] | undefined
    favourites?: boolean | undefined
  }
  searchCustomers: { text: string; limit: number }
}

export type Ask = keyof Answers

export type Question =
  | { id: number; ask: Ask; asked: Asked[Ask] }
  /** Copy what is new, from this hub. */
  | { ask: 'follow'; hub: { rpc: string; token: string; now: number } }
  /** The page after the one that was told. */
  | { ask: 'next' }

export interface Answer {
  id: number
  answer: unknown
}

/**
 * `refused`: the hub is there, and did not answer a page of the catalogue. `page`: one is copied, and more are to come; the thread
 * waits for `next`.
 */
export type Told = ToldState | { tell: 'refused' } | { tell: 'page' }

interface ToldState {
  tell: 'state'
  state: 'off' | 'copying' | 'complete'
  products: number
  /** ms since 1970. */
  at: number | null
}
