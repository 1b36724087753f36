/** What a paper needs to know beside what it is about: the shop, the register, its words, and names of things. */
import type { Register, Shop, Unit } from '../../protocol/till/catalogue.ts'
import type { Formats } from './format.ts'
import type { Words } from './words/words.ts'

export interface Desk {
  shop: Shop
  /** Undefined for one that was removed. */
  register: Register | undefined
  words: Words
  format: Formats
  /** Name of an employee; the id itself where there is none. */
  nameOf(employee: string): string
  unit(id: string): Unit | undefined
  /** Name of a payment method. */
  method(id: string): string
  /** Name of a table, with its floor where there are several. */
  table(id: string): string
}
