/** An order's arithmetic: lines, the discount on all of it, the tip, totals, and the saving against list prices. */
import { HubError } from '../../protocol/errors.ts'
import type { OrderLine, Totals } from '../../protocol/till/order.ts'
import { roundTotal } from './cash-rounding.ts'
import type { ComputedOrder, OrderTerms, PricedLine } from './contract.ts'
import {
  absolute,
  add,
  compare,
  divide,
  fromInteger,
  fromMinor,
  multiply,
  negate,
  one,
  parseDecimal,
  percent,
  type Rational,
  sign,
  toText,
  zero,
} from './decimal.ts'
import { evaluateTaxes, prepareTaxes, type TaxedAmount, type TaxSet } from './taxes.ts'
import { baseOf, type SumRules, sumUp } from './totals.ts'

/** Decimals of a price on the wire; the prices of made lines are rounded to them. */
const priceDecimals = 6
const priceMax = fromInteger(1_000_000_000)
const idCharsMax = 64

/**
 * Everything of an order that is arithmetic. Throws `till_unknown` for a tax that the terms do not hold, and `till_invalid` with the
 * path of what cannot be computed or comes to more than `tillLimits.amountMax`.
 */
export function computeOrder(lines: readonly PricedLine[], terms: OrderTerms): ComputedOrder {
  const rules: SumRules = {
    digits: terms.currencyDigits,
    perLine: terms.taxRounding === 'per-line',
    setOf: taxSets(terms),
  }
  const taken = new Set(lines.map(({ id }) => id))
  const made = [...discountLines(lines, terms, rules, taken), ...tipLines(terms, rules, taken)]
  const sums = sumUp([...lines, ...made], rules)
  const due = roundTotal(sums.total, terms.cashRounding)
  const totals: Totals = {
    net: sums.net,
    tax: sums.tax,
    total: sums.total,
    rounding: due.rounding,
    taxes: sums.table.map(({ tax, base, amount }) => ({
      tax: tax.id,
      name: tax.name,
      ...(tax.label === undefined ? {} : { label: tax.label }),
      base,
      amount,
    })),
    discounts: savings(lines, made, sums.total, rules),
    tip: sums.lines.filter(({ kind }) => kind === 'tip').reduce((all, { gross }) => all + gross, 0),
  }
  return { lines: sums.lines, totals }
}

/** Finds and prepares the taxes of a line; lines with the same taxes share the work. */
function taxSets(terms: OrderTerms): SumRules['setOf'] {
  const byId = new Map(terms.taxes.map((tax) => [tax.id, tax]))
  const known = new Map<string, TaxSet>()
  return (ids) => {
    const key = ids.join(' ')
    const found = known.get(key)
    if (found !== undefined) return found
    const taxes = [...new Set(ids)].map((id) => {
      const tax = byId.get(id)
      if (tax === undefined) throw new HubError('till_unknown', { kind: 'tax', id })
      return tax
    })
    const set = prepareTaxes(taxes)
    known.set(key, set)
    return set
  }
}

/** One line for each combination of taxes, so that every tax falls as much as what it is on. */
function discountLines(
  lines: readonly PricedLine[],
  terms: OrderTerms,
  rules: SumRules,
  taken: Set<string>,
): PricedLine[] {
  const rate = multiply(parseDecimal(terms.discount, 'discount'), percent)
  if (sign(rate) === 0) return []
  const combinations = new Map<string, { taxes: readonly string[]; net: Rational }>()
  for (const [at, line] of lines.entries()) {
    if (line.kind !== 'item') continue
    const { net } = evaluateTaxes(rules.setOf(line.taxes), baseOf(line, `lines.${at}`))
    const key = line.taxes.join(' ')
    combinations.set(key, { taxes: line.taxes, net: add(combinations.get(key)?.net ?? zero, net) })
  }
  const keys = [...combinations.keys()].sort()
  return keys.flatMap((key) => {
    const { taxes, net } = combinations.get(key) ?? { taxes: [], net: zero }
    const { kept, unit } = withoutFixed(taxes, rules)
    const price = multiply(negate(rate), divide(net, unit.net))
    const line = madeLine('discount', ['discount', ...taxes].join('-'), price, kept, terms.discountLine)
    return line.price === '0' ? [] : [{ ...line, id: freeId(line.id, taken) }]
  })
}

/** What one of the currency comes to under the taxes that follow the price: a fixed tax is a levy on goods, not on a tip or a discount. */
function withoutFixed(taxes: readonly string[], rules: SumRules): { kept: string[]; unit: TaxedAmount } {
  const kept = rules.setOf(taxes).flatMap(({ tax }) => (tax.kind === 'fixed' ? [] : [tax.id]))
  const unit = evaluateTaxes(rules.setOf(kept), { amount: one, quantity: one, priceSign: 1 })
  if (sign(unit.net) <= 0 || sign(unit.gross) <= 0)
    throw new HubError('till_invalid', {
      path: `taxes.${kept[0] ?? ''}`,
      reason: 'the taxes take the whole price',
    })
  return { kept, unit }
}

function tipLines(terms: OrderTerms, rules: SumRules, taken: Set<string>): PricedLine[] {
  if (terms.tip === 0) return []
  const { kept, unit } = withoutFixed(terms.tipLine.taxes, rules)
  const price = divide(fromMinor(terms.tip, terms.currencyDigits), unit.gross)
  const line = madeLine('tip', 'tip', price, kept, terms.tipLine)
  return [{ ...line, id: freeId(line.id, taken) }]
}

function madeLine(
  kind: 'discount' | 'tip',
  id: string,
  value: Rational,
  taxes: string[],
  called: { product: string; name: string },
): PricedLine {
  if (compare(absolute(value), priceMax) >= 0)
    throw new HubError('till_invalid', { path: kind, reason: 'comes to more than a price may be' })
  const price = toText(value, priceDecimals)
  const { product, name } = called
  return {
    id,
    kind,
    product,
    name,
    category: null,
    unit: 'piece',
    quantity: '1',
    price,
    priceKind: 'manual',
    listPrice: price,
    discount: '0',
    taxes,
    lots: [],
  }
}

/** The id itself, or with a number behind it when another line has it. */
function freeId(wanted: string, taken: Set<string>): string {
  let id = wanted.slice(0, idCharsMax)
  for (let number = 2; taken.has(id); number++) id = `${wanted.slice(0, idCharsMax - 5)}-${number}`
  taken.add(id)
  return id
}

/** What the same lines cost without any discount, at list prices, less what they cost now; the tip is in both. */
function savings(
  lines: readonly PricedLine[],
  made: readonly PricedLine[],
  total: number,
  rules: SumRules,
): number {
  let differ = made.some(({ kind }) => kind === 'discount')
  const full = lines
    .filter(({ kind }) => kind !== 'discount')
    .map((line) => {
      const price = fullPrice(line)
      if (price === line.price && line.discount === '0') return line
      differ = true
      return { ...line, price, discount: '0' }
    })
  differ ||= full.length !== lines.length
  if (!differ) return 0
  return sumUp([...full, ...made.filter(({ kind }) => kind === 'tip')], rules).total - total
}

/** A price set by hand is no saving, and neither is a pricelist that asks for more. */
function fullPrice({
  price,
  listPrice,
  priceKind,
}: Pick<OrderLine, 'price' | 'listPrice' | 'priceKind'>): string {
  if (priceKind === 'manual' || price === listPrice) return price
  return compare(absolute(parseDecimal(listPrice)), absolute(parseDecimal(price))) > 0 ? listPrice : price
}
