/** The sums of an order: taxes rounded per tax or per line, cents that are over given to lines, the tax table. */
import type { Tax } from '../../protocol/till/catalogue.ts'
import type { OrderLine } from '../../protocol/till/order.ts'
import type { PricedLine } from './contract.ts'
import {
  add,
  multiply,
  one,
  parseDecimal,
  percent,
  type Rational,
  roundToDigits,
  sign,
  subtract,
  sum,
  zero,
} from './decimal.ts'
import { type Share, spread, toMinor, within } from './rounding.ts'
import { evaluateTaxes, type TaxBase, type TaxedAmount, type TaxSet } from './taxes.ts'

export interface SumRules {
  digits: number
  perLine: boolean
  /** The taxes of a line, ready to be evaluated. */
  setOf(taxes: readonly string[]): TaxSet
}

/** Money in minor units. */
export interface OrderSums {
  lines: OrderLine[]
  net: number
  tax: number
  total: number
  table: TaxRow[]
}

export interface TaxRow {
  tax: Tax
  base: number
  amount: number
}

interface WorkedLine {
  line: PricedLine
  /** Of the error that names it. */
  path: string
  /** What comes back is summed up apart from what is sold. */
  refund: boolean
  taxed: TaxedAmount
  /** Minor units, as they are in the end; taxes in the order of `taxed.parts`. */
  net: number
  taxes: number[]
}

type Table = Map<string, TaxRow>

/** What a line's taxes are computed on: quantity times price after its discount, exactly. */
export function baseOf(line: Pick<PricedLine, 'quantity' | 'price' | 'discount'>, path: string): TaxBase {
  const quantity = parseDecimal(line.quantity, `${path}.quantity`)
  const price = parseDecimal(line.price, `${path}.price`)
  const full = multiply(quantity, price)
  if (line.discount === '0') return { amount: full, quantity, priceSign: sign(price) }
  const rate = multiply(parseDecimal(line.discount, `${path}.discount`), percent)
  const kept = subtract(one, sign(rate) < 0 ? zero : sign(subtract(rate, one)) > 0 ? one : rate)
  return { amount: multiply(full, kept), quantity, priceSign: sign(price) }
}

/** Lines with their amounts, and the sums, which do not depend on the order of the lines. */
export function sumUp(lines: readonly PricedLine[], rules: SumRules): OrderSums {
  const { digits, perLine } = rules
  const round = perLine ? (value: Rational) => roundToDigits(value, digits) : undefined
  const worked = lines.map((line, at): WorkedLine => {
    const path = `lines.${at}`
    const base = baseOf(line, path)
    const taxed = evaluateTaxes(rules.setOf(line.taxes), base, round)
    const direction = base.priceSign === 0 ? sign(base.quantity) : base.priceSign * sign(base.quantity)
    return {
      line,
      path,
      refund: direction < 0,
      taxed,
      net: toMinor(taxed.net, digits, path),
      taxes: taxed.parts.map(({ amount }) => toMinor(amount, digits, path)),
    }
  })
  const table: Table = new Map()
  if (perLine) for (const line of worked) tabulate(line, digits, table)
  else
    for (const refund of [false, true])
      roundPerTax(
        worked.filter((line) => line.refund === refund),
        digits,
        table,
      )
  const done = worked.map(finish)
  const net = within(total(done.map((line) => line.net)), 'total')
  const tax = within(total(done.map((line) => line.tax)), 'total')
  return { lines: done, net, tax, total: within(net + tax, 'total'), table: sorted(table) }
}

function finish({ line, path, net, taxes }: WorkedLine): OrderLine {
  const tax = total(taxes)
  return { ...line, net, tax, gross: within(net + tax, path) }
}

/** Per line everything is rounded already: the table is the sum of the lines. */
function tabulate({ taxed, path }: WorkedLine, digits: number, table: Table): void {
  for (const { tax, base, amount } of taxed.parts)
    note(table, tax, toMinor(base, digits, path), toMinor(amount, digits, path))
}

function roundPerTax(lines: readonly WorkedLine[], digits: number, table: Table): void {
  if (lines.length === 0) return
  let excluded = false
  for (const [tax, parts] of partsByTax(lines)) {
    const rawAmount = sum(parts.map(({ line, at }) => line.taxed.parts[at]?.amount ?? zero))
    const rawBase = sum(parts.map(({ line, at }) => line.taxed.parts[at]?.base ?? zero))
    const amount = toMinor(rawAmount, digits, 'total')
    const base = tax.included
      ? toMinor(add(rawBase, rawAmount), digits, 'total') - amount
      : toMinor(rawBase, digits, 'total')
    note(table, tax, base, amount)
    excluded ||= !tax.included && amount !== 0
    const over = amount - total(parts.map(({ line, at }) => line.taxes[at] ?? 0))
    const shares = spread(
      over,
      parts.map(({ line, at }) => shareOf(line, line.taxed.parts[at]?.amount ?? zero)),
    )
    for (const [position, { line, at }] of parts.entries())
      line.taxes[at] = (line.taxes[at] ?? 0) + (shares[position] ?? 0)
  }
  // With all taxes included it is the price tags that have to add up, else the amounts without tax.
  if (excluded) preserveNet(lines, digits)
  else preserveGross(lines, digits)
}

/** A tip stays what was said, whatever is over of other lines. */
const shareOf = ({ line }: WorkedLine, raw: Rational): Share => ({
  raw,
  key: line.taxes.join(' '),
  exact: line.kind === 'tip',
})

function preserveNet(lines: readonly WorkedLine[], digits: number): void {
  const wanted = toMinor(sum(lines.map(({ taxed }) => taxed.net)), digits, 'total')
  const shares = spread(
    wanted - total(lines.map(({ net }) => net)),
    lines.map((line) => shareOf(line, line.taxed.net)),
  )
  for (const [at, line] of lines.entries()) line.net += shares[at] ?? 0
}

function preserveGross(lines: readonly WorkedLine[], digits: number): void {
  const wanted = toMinor(sum(lines.map(({ taxed }) => taxed.gross)), digits, 'total')
  const gross = lines.map(({ taxed, path }) => toMinor(taxed.gross, digits, path))
  const shares = spread(
    wanted - total(gross),
    lines.map((line) => shareOf(line, line.taxed.gross)),
  )
  for (const [at, line] of lines.entries())
    line.net = (gross[at] ?? 0) + (shares[at] ?? 0) - total(line.taxes)
}

function partsByTax(lines: readonly WorkedLine[]): Map<Tax, { line: WorkedLine; at: number }[]> {
  const found = new Map<Tax, { line: WorkedLine; at: number }[]>()
  for (const line of lines)
    for (const [at, { tax }] of line.taxed.parts.entries()) {
      const parts = found.get(tax)
      if (parts === undefined) found.set(tax, [{ line, at }])
      else parts.push({ line, at })
    }
  return found
}

function note(table: Table, tax: Tax, base: number, amount: number): void {
  const row = table.get(tax.id)
  if (row === undefined) table.set(tax.id, { tax, base, amount })
  else {
    row.base += base
    row.amount += amount
  }
}

const sorted = (table: Table): TaxRow[] =>
  [...table.values()].sort(
    (a, b) => a.tax.sequence - b.tax.sequence || (a.tax.id < b.tax.id ? -1 : a.tax.id > b.tax.id ? 1 : 0),
  )

const total = (amounts: readonly number[]): number => amounts.reduce((all, amount) => all + amount, 0)
