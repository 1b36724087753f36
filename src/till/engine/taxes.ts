/** Taxes of one line: an ordered list of definitions evaluated on an exact base. */
import { HubError } from '../../protocol/errors.ts'
import type { Tax } from '../../protocol/till/catalogue.ts'
import {
  add,
  divide,
  fromInteger,
  multiply,
  negate,
  one,
  parseDecimal,
  percent,
  type Rational,
  sign,
  subtract,
  sum,
  zero,
} from './decimal.ts'

interface PreparedTax {
  tax: Tax
  /** Percent and division: a fraction of one. Fixed: major units. */
  rate: Rational
  /** First and last position of its batch: adjacent taxes that are computed together. */
  first: number
  last: number
  /** Rates of its batch added up. */
  batchRate: Rational
}

/** Taxes in the order of their computing, with what does not depend on the line worked out. */
export type TaxSet = readonly PreparedTax[]

export interface TaxPart {
  tax: Tax
  /** In major units. */
  base: Rational
  amount: Rational
}

export interface TaxedAmount {
  net: Rational
  /** net and all taxes. */
  gross: Rational
  parts: readonly TaxPart[]
}

export interface TaxBase {
  /** Quantity times price after discount, in major units. */
  amount: Rational
  quantity: Rational
  /** Fixed taxes follow the sign of the price. */
  priceSign: number
}

/** A definition that cannot be computed (a group, or included taxes that take the whole price) is `till_invalid`. */
export function prepareTaxes(taxes: readonly Tax[]): TaxSet {
  const rates = taxes.map(({ id, kind, amount }) => {
    if (kind === 'group') throw invalid(id, 'is a group; its children have to be named')
    const value = parseDecimal(amount, `taxes.${id}.amount`)
    return kind === 'fixed' ? value : multiply(value, percent)
  })
  const prepared: PreparedTax[] = []
  for (let first = 0; first < taxes.length; ) {
    let last = first
    while (last + 1 < taxes.length && sameBatch(taxes[last], taxes[last + 1])) last++
    const batchRate = sum(rates.slice(first, last + 1))
    for (let at = first; at <= last; at++) {
      const tax = taxes[at]
      if (tax === undefined) continue
      checkBatch(tax, batchRate)
      prepared.push({ tax, rate: rates[at] ?? zero, first, last, batchRate })
    }
    first = last + 1
  }
  return prepared
}

/** Neighbours of the same nature; not those where the second counts on a base that the first has raised. */
function sameBatch(tax: Tax | undefined, next: Tax | undefined): boolean {
  if (tax === undefined || next === undefined || tax.reverseCharge || next.reverseCharge) return false
  return (
    tax.kind === next.kind &&
    tax.included === next.included &&
    tax.affectsBase === next.affectsBase &&
    !(tax.affectsBase && next.baseAffected)
  )
}

function checkBatch({ id, kind, included, reverseCharge }: Tax, batchRate: Rational): void {
  if (reverseCharge) return
  if (kind === 'division' && sign(subtract(one, batchRate)) <= 0)
    throw invalid(id, 'rates by division come to 100 % or more')
  if (kind === 'percent' && included && sign(add(one, batchRate)) <= 0)
    throw invalid(id, 'included rates come to -100 % or less')
}

const invalid = (id: string, reason: string) => new HubError('till_invalid', { path: `taxes.${id}`, reason })

/** `round` is applied to the base and to each tax as it is found, for rounding per line; absent, all stays exact. */
export function evaluateTaxes(
  set: TaxSet,
  base: TaxBase,
  round: (value: Rational) => Rational = (value) => value,
): TaxedAmount {
  const raw = round(base.amount)
  if (set.length === 0) return { net: raw, gross: raw, parts: [] }
  const work = new Evaluation(set, raw, round)
  const quantity = multiply(base.quantity, fromInteger(base.priceSign < 0 ? -1 : 1))
  // Fixed taxes first: what is included in the price is found on a base without them, or raised by them.
  for (let at = set.length - 1; at >= 0; at--)
    work.find(at, ({ tax, rate }) => (tax.kind === 'fixed' ? multiply(quantity, rate) : undefined))
  for (let at = set.length - 1; at >= 0; at--)
    work.find(at, (entry, on) => (entry.tax.included ? includedTax(entry, on) : undefined))
  for (let at = 0; at < set.length; at++) work.find(at, excludedTax)
  return work.result()
}

/** percent: of what the base is without the taxes of the batch. division: the rate is of the price itself. */
const includedTax = ({ tax, rate, batchRate }: PreparedTax, on: Rational): Rational =>
  tax.kind === 'percent' ? divide(multiply(on, rate), add(one, batchRate)) : multiply(on, rate)

/** division: of what the base is with the taxes of the batch. */
const excludedTax = ({ tax, rate, batchRate }: PreparedTax, on: Rational): Rational =>
  tax.kind === 'percent' ? multiply(on, rate) : divide(multiply(on, rate), subtract(one, batchRate))

class Evaluation {
  readonly #set: TaxSet
  readonly #raw: Rational
  readonly #round: (value: Rational) => Rational
  readonly #amounts: (Rational | undefined)[]
  /** What taxes found before have added to the base of one that is not found yet. */
  readonly #extra: Rational[]

  constructor(set: TaxSet, raw: Rational, round: (value: Rational) => Rational) {
    this.#set = set
    this.#raw = raw
    this.#round = round
    this.#amounts = set.map(() => undefined)
    this.#extra = set.map(() => zero)
  }

  /** Computes the tax at `at`, unless it is known; `compute` answers undefined when its turn has not come. */
  find(at: number, compute: (entry: PreparedTax, on: Rational) => Rational | undefined): void {
    const entry = this.#set[at]
    if (entry === undefined || this.#amounts[at] !== undefined) return
    // Reverse charge: the tax and its counterpart cancel out, and so nothing is due and no base moves.
    const found = entry.tax.reverseCharge ? zero : compute(entry, add(this.#raw, this.#extra[at] ?? zero))
    if (found === undefined) return
    const amount = this.#round(found)
    this.#amounts[at] = amount
    if (amount.n === 0n) return
    for (const [other, { tax }] of this.#set.entries()) {
      if (this.#amounts[other] !== undefined || (other >= entry.first && other <= entry.last)) continue
      const raised = other > entry.last && entry.tax.affectsBase && tax.baseAffected
      if (entry.tax.included && !raised) this.#add(other, negate(amount))
      if (!entry.tax.included && raised) this.#add(other, amount)
    }
  }

  result(): TaxedAmount {
    const amounts = this.#amounts.map((amount) => amount ?? zero)
    let net = this.#raw
    let gross = zero
    for (const [at, { tax }] of this.#set.entries()) {
      const amount = amounts[at] ?? zero
      gross = add(gross, amount)
      if (tax.included) net = subtract(net, amount)
    }
    const parts = this.#set.map(({ tax, first }, at) => {
      let base = net
      for (let earlier = 0; tax.baseAffected && earlier < first; earlier++)
        if (this.#set[earlier]?.tax.affectsBase) base = add(base, amounts[earlier] ?? zero)
      return { tax, base, amount: amounts[at] ?? zero }
    })
    return { net, gross: add(net, gross), parts }
  }

  #add(at: number, amount: Rational): void {
    this.#extra[at] = add(this.#extra[at] ?? zero, amount)
  }
}
