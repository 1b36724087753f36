/** The rules of a pricelist, sorted once so that a list of 100,000 answers at once. */
import type { PriceRule } from '../../protocol/till/catalogue.ts'
import { compare, parseDecimal, type Rational } from './decimal.ts'
import { compareIds } from './fiscal.ts'
import { instantOf } from './instant.ts'

export interface IndexedRule {
  rule: PriceRule
  min: Rational
  /** ms since 1970, both inclusive. */
  from: number
  until: number
}

/** Rules by what they are for; each list in the order in which the first that fits counts. */
export interface RuleIndex {
  products: ReadonlyMap<string, readonly IndexedRule[]>
  templates: ReadonlyMap<string, readonly IndexedRule[]>
  categories: ReadonlyMap<string, readonly IndexedRule[]>
  all: readonly IndexedRule[]
}

export function indexRules(rules: readonly PriceRule[]): RuleIndex {
  const products = new Map<string, IndexedRule[]>()
  const templates = new Map<string, IndexedRule[]>()
  const categories = new Map<string, IndexedRule[]>()
  const all: IndexedRule[] = []
  // Thousands of rules share a few quantities and moments: each is read once.
  const quantityOf = remembered((text) => parseDecimal(text, 'minQuantity'))
  const momentOf = remembered(instantOf)
  for (const rule of rules) {
    const indexed = {
      rule,
      min: quantityOf(rule.minQuantity),
      from: rule.from === undefined ? Number.NEGATIVE_INFINITY : momentOf(rule.from),
      until: rule.until === undefined ? Number.POSITIVE_INFINITY : momentOf(rule.until),
    }
    // The narrowest that is given counts.
    if (rule.product !== undefined) put(products, rule.product, indexed)
    else if (rule.template !== undefined) put(templates, rule.template, indexed)
    else if (rule.category !== undefined) put(categories, rule.category, indexed)
    else all.push(indexed)
  }
  for (const lists of [products, templates, categories]) for (const list of lists.values()) list.sort(byRank)
  return { products, templates, categories, all: all.sort(byRank) }
}

function remembered<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text) ?? read(text)
    known.set(text, found)
    return found
  }
}

function put(lists: Map<string, IndexedRule[]>, key: string, rule: IndexedRule): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [rule])
  else list.push(rule)
}

const byRank = (a: IndexedRule, b: IndexedRule) =>
  (a.min === b.min ? 0 : compare(b.min, a.min)) || compareIds(b.rule.id, a.rule.id)
