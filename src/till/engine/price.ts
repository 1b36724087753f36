/** What one unit of a product costs by a pricelist, at this moment and for this quantity. */
import { HubError } from '../../protocol/errors.ts'
import type { Pricelist, PriceRule, Product } from '../../protocol/till/catalogue.ts'
import {
  absolute,
  add,
  compare,
  multiply,
  one,
  parseDecimal,
  percent,
  type Rational,
  roundToStep,
  sign,
  subtract,
  toText,
} from './decimal.ts'
import { type IndexedRule, indexRules, type RuleIndex } from './price-rules.ts'

export interface PriceQuestion {
  product: Product
  /** What is taken back is priced like as much that is sold. */
  quantity: string
  /** null for the product's own price. */
  pricelist: Pricelist | null
  /** Others that a rule may be based on. */
  pricelistOf: (id: string) => Pricelist | undefined
  /** ms since 1970: the moment of the sale. */
  at: number
  /** The category of the product and those above it, the nearest first. */
  lineage: readonly string[]
  /** Decimals of prices of one unit in this shop. */
  priceDigits: number
}

/** Answers prices; keeps each pricelist sorted for as long as that same object is asked for. */
export class Pricer {
  readonly #indexes = new WeakMap<Pricelist, RuleIndex>()

  /**
   * The price of one unit as decimal text with `priceDigits` decimals. Throws `till_invalid` for a pricelist that rests on
   * another one that is not there, on itself, or on a cost that the product does not have.
   */
  priceOf(question: PriceQuestion): string {
    const { pricelist, product, priceDigits } = question
    const quantity = absolute(parseDecimal(question.quantity, 'quantity'))
    const price =
      pricelist === null ? listPrice(product) : this.#priceBy(pricelist, { ...question, quantity }, [])
    return toText(price, priceDigits, priceDigits)
  }

  /** Sorts a pricelist ahead of its first price, which does not have to wait for that then. */
  prepare(list: Pricelist): void {
    this.#indexOf(list)
  }

  #indexOf(list: Pricelist): RuleIndex {
    const index = this.#indexes.get(list) ?? indexRules(list.rules)
    this.#indexes.set(list, index)
    return index
  }

  /** Not rounded: only the line is. `above`: the lists that led here. */
  #priceBy(list: Pricelist, question: Asked, above: readonly string[]): Rational {
    const path = `pricelist.${list.id}`
    if (above.includes(list.id)) {
      const reason = `it rests on itself: ${[...above, list.id].join(' > ')}`
      throw new HubError('till_invalid', { path, reason })
    }
    const found = chooseRule(this.#indexOf(list), question)
    if (found === undefined) return listPrice(question.product)
    const { rule } = found
    const at = `${path}.rule.${rule.id}`
    if (rule.kind === 'fixed') return parseDecimal(rule.price ?? missing(at, 'a price'), at)
    const base = this.#baseOf(rule, question, [...above, list.id], at)
    const off = parseDecimal(rule.percent ?? '0', at)
    const reduced = multiply(base, subtract(one, multiply(off, percent)))
    return rule.kind === 'percent' ? reduced : formula(rule, base, reduced, at)
  }

  #baseOf(rule: PriceRule, question: Asked, above: readonly string[], at: string): Rational {
    const { product } = question
    if (rule.base === 'list') return listPrice(product)
    if (rule.base === 'cost') {
      // Free of charge because nobody typed the cost in would be a costly guess.
      return parseDecimal(product.cost ?? missing(at, `the cost of the product ${product.id}`), 'cost')
    }
    const list = question.pricelistOf(rule.base)
    return this.#priceBy(list ?? missing(at, `the pricelist ${rule.base}`), question, above)
  }
}

type Asked = Omit<PriceQuestion, 'quantity'> & { quantity: Rational }

const listPrice = (product: Product) => parseDecimal(product.price, 'price')

function missing(path: string, what: string): never {
  throw new HubError('till_invalid', { path, reason: `it needs ${what}, which is not there` })
}

/** Rounded to a multiple, then the surcharge, then held between the margins: in this order and with nothing rounded after it. */
function formula(rule: PriceRule, base: Rational, reduced: Rational, at: string): Rational {
  const number = (text: string | undefined) => (text === undefined ? undefined : parseDecimal(text, at))
  const step = number(rule.roundTo)
  const low = number(rule.minMargin)
  const high = number(rule.maxMargin)
  let price = step === undefined || sign(step) <= 0 ? reduced : roundToStep(reduced, step)
  price = add(price, number(rule.surcharge) ?? parseDecimal('0'))
  if (low !== undefined && compare(price, add(base, low)) < 0) price = add(base, low)
  if (high !== undefined && compare(price, add(base, high)) > 0) price = add(base, high)
  return price
}

/** Variant before template before category before all; then the highest quantity, the nearest category, the newest rule. */
function chooseRule(index: RuleIndex, { product, lineage, quantity, at }: Asked): IndexedRule | undefined {
  const first = (rules: readonly IndexedRule[] | undefined) =>
    rules?.find(({ min, from, until }) => compare(min, quantity) <= 0 && from <= at && at <= until)
  const narrow =
    first(index.products.get(product.id)) ??
    (product.template === undefined ? undefined : first(index.templates.get(product.template)))
  if (narrow !== undefined) return narrow
  let best: IndexedRule | undefined
  for (const category of lineage) {
    const candidate = first(index.categories.get(category))
    if (candidate !== undefined && (best === undefined || compare(candidate.min, best.min) > 0))
      best = candidate
  }
  return best ?? first(index.all)
}
