/** The mathematics of X and Z: what a session took, what its drawer should hold, and what was counted instead. */
import { HubError } from '../../protocol/errors.ts'
import type { PaymentMethod } from '../../protocol/till/catalogue.ts'
import type { SessionReport } from '../../protocol/till/session.ts'

/** One sum of a session: the rows that are kept with each order, of any day and order. Money in minor units. */
export interface ClosingSum {
  dimension: string
  key: string
  orders: number
  net: number
  tax: number
  total: number
}

export interface ClosingInput {
  /** In the drawer when the session began. */
  openingCounted: number
  sums: readonly ClosingSum[]
  /** Positive in, negative out. */
  cashMoves: readonly { amount: number }[]
  /** Undefined for one that is not there any more. */
  methodOf: (id: string) => Pick<PaymentMethod, 'name' | 'kind' | 'sequence'> | undefined
  taxNameOf: (id: string) => string | undefined
}

export type ClosingFigures = Pick<
  SessionReport,
  'orders' | 'refunds' | 'total' | 'net' | 'taxes' | 'discounts' | 'tips' | 'rounding' | 'methods' | 'late'
> & {
  /** opening + cash payments (change and refunds taken off) + cash in - cash out. */
  cashExpected: number
}

/** Everything that a report tells in figures. What a method or tax was called is lost with it: its id stands for the name. */
export function closingFigures({
  openingCounted,
  sums,
  cashMoves,
  methodOf,
  taxNameOf,
}: ClosingInput): ClosingFigures {
  const whole = sumOf(sums, 'total')
  const methods = [...byKey(sums, 'method')]
    .map(([method, { orders, total }]) => ({
      method,
      found: methodOf(method),
      payments: orders,
      amount: total,
    }))
    .sort((a, b) => (a.found?.sequence ?? 0) - (b.found?.sequence ?? 0) || (a.method < b.method ? -1 : 1))
    .map(({ method, found, payments, amount }) => ({
      method,
      name: found?.name ?? method,
      kind: found?.kind ?? ('bank' as const),
      payments,
      amount,
    }))
  const late = sumOf(sums, 'late')
  const taxes = [...byKey(sums, 'tax')]
    .map(([tax, { net, tax: amount }]) => ({ tax, name: taxNameOf(tax) ?? tax, base: net, amount }))
    .sort((a, b) => (a.tax < b.tax ? -1 : 1))
  return {
    orders: whole.orders,
    refunds: sumOf(sums, 'refund').orders,
    total: whole.total,
    net: whole.net,
    taxes,
    discounts: sumOf(sums, 'discount').total,
    tips: sumOf(sums, 'tip').total,
    rounding: sumOf(sums, 'rounding').total,
    methods,
    ...(late.orders > 0 && { late: { orders: late.orders, total: late.total } }),
    cashExpected: expectedCash({
      openingCounted,
      payments: methods.filter(({ kind }) => kind === 'cash'),
      cashMoves,
    }),
  }
}

/** What the drawer should hold. `payments` are those in cash, change and refunds as negative ones. */
export function expectedCash(drawer: {
  openingCounted: number
  payments: readonly { amount: number }[]
  cashMoves: readonly { amount: number }[]
}): number {
  const amounts = [...drawer.payments, ...drawer.cashMoves]
  return amounts.reduce((sum, { amount }) => sum + amount, drawer.openingCounted)
}

type Count = NonNullable<SessionReport['closing']>['counts'][number]

/**
 * Counted against expected, by method. The drawer is counted once, under `cashMethod`; null for a register without cash. What was
 * not counted of a card or bank method is taken as expected; sales on account are never counted. Throws `till_invalid` when the
 * cash was not.
 */
export function closingCounts(
  figures: Pick<ClosingFigures, 'methods' | 'cashExpected'>,
  cashMethod: string | null,
  counted: ReadonlyMap<string, number>,
): Count[] {
  const rows = figures.methods
    .filter(({ kind }) => kind === 'card' || kind === 'bank')
    .map(({ method, amount }) => ({ method, expected: amount }))
  if (cashMethod !== null && !counted.has(cashMethod))
    throw new HubError('till_invalid', { path: 'counts', reason: `the cash (${cashMethod}) was not counted` })
  // A drawer that was never touched still holds what it was opened with.
  if (cashMethod !== null) rows.unshift({ method: cashMethod, expected: figures.cashExpected })
  return rows.map(({ method, expected }) => {
    const found = counted.get(method) ?? expected
    return { method, expected, counted: found, difference: found - expected }
  })
}

/** What is held against the authorised difference: the largest, whether too much or too little. */
export function largestDifference(counts: readonly { difference: number }[]): number {
  return counts.reduce((largest, { difference }) => Math.max(largest, Math.abs(difference)), 0)
}

function sumOf(sums: readonly ClosingSum[], dimension: string): Omit<ClosingSum, 'dimension' | 'key'> {
  const parts = sums.filter((row) => row.dimension === dimension)
  return parts.reduce(added, { orders: 0, net: 0, tax: 0, total: 0 })
}

/** A session may go over midnight: then there are several rows of one key. */
function byKey(sums: readonly ClosingSum[], dimension: string) {
  const found = new Map<string, Omit<ClosingSum, 'dimension' | 'key'>>()
  for (const row of sums) {
    if (row.dimension !== dimension) continue
    found.set(row.key, added(found.get(row.key) ?? { orders: 0, net: 0, tax: 0, total: 0 }, row))
  }
  return found
}

function added(a: Omit<ClosingSum, 'dimension' | 'key'>, b: Omit<ClosingSum, 'dimension' | 'key'>) {
  return { orders: a.orders + b.orders, net: a.net + b.net, tax: a.tax + b.tax, total: a.total + b.total }
}
