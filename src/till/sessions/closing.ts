/** Closing: what was counted against what should be there, and who may close with the difference. Money in minor units. */
import { HubError } from '../../protocol/errors.ts'
import type { PaymentMethod, Register } from '../../protocol/till/catalogue.ts'
import type { SessionReport } from '../../protocol/till/session.ts'
import { closingCounts, largestDifference } from '../engine/closing.ts'
import type { CatalogueApi } from '../parts.ts'

type Counts = NonNullable<SessionReport['closing']>['counts']
type Given = readonly { method: string; counted: number }[]

export interface Judged {
  /** One for each method that can be counted; the drawer is the first. */
  counts: Counts
  /** What is in the drawer now: the next opening should find it. */
  cash: number
  /** The largest difference, with its sign; 0 when nothing differs. */
  difference: number
  /** More than the register lets a cashier close with. */
  beyond: boolean
}

/**
 * The method under which the drawer of a register is counted: its first in cash, which is where change comes from. One drawer,
 * however many methods pay into it.
 */
export function drawerMethod(
  register: Register | undefined,
  catalogue: Pick<CatalogueApi, 'all'>,
): PaymentMethod | undefined {
  const cash = catalogue.all('paymentMethod').filter(({ kind }) => kind === 'cash')
  const offered = register?.paymentMethods ?? []
  if (offered.length === 0) return cash[0]
  return offered.flatMap((id) => cash.find((method) => method.id === id) ?? [])[0]
}

/** Throws `till_invalid` with the path of a count that cannot be, `till_unknown` for a method that is not there. */
export function judge(
  report: SessionReport,
  given: Given,
  register: Register | undefined,
  catalogue: Pick<CatalogueApi, 'all' | 'must'>,
): Judged {
  const drawer = drawerMethod(register, catalogue)
  const methods = [...report.methods]
  const counted = new Map<string, number>()
  for (const [index, count] of given.entries()) {
    const method = catalogue.must('paymentMethod', count.method)
    const wrong = wrongWith(method, drawer, counted)
    if (wrong !== undefined)
      throw new HubError('till_invalid', { path: `counts.${index}.method`, reason: wrong })
    counted.set(method.id, count.counted)
    // Nothing was paid with it, and still something was counted.
    if (!methods.some((row) => row.method === method.id))
      methods.push({ method: method.id, name: method.name, kind: method.kind, payments: 0, amount: 0 })
  }
  const cashExpected = report.cashExpected ?? 0
  const counts = closingCounts({ methods, cashExpected }, drawer?.id ?? null, counted)
  const largest = largestDifference(counts)
  // Without its register nobody knows what was authorised.
  const authorised = register === undefined ? 0 : (register.authorisedDifference ?? Number.POSITIVE_INFINITY)
  return {
    counts,
    cash: drawer === undefined ? cashExpected : (counted.get(drawer.id) ?? cashExpected),
    difference: counts.find(({ difference }) => Math.abs(difference) === largest)?.difference ?? 0,
    beyond: largest > authorised,
  }
}

function wrongWith(
  { id, kind, name }: PaymentMethod,
  drawer: PaymentMethod | undefined,
  counted: ReadonlyMap<string, number>,
): string | undefined {
  if (counted.has(id)) return `${name} is counted twice`
  if (kind === 'account') return `${name} is paid later and never counted`
  if (kind !== 'cash' || id === drawer?.id) return undefined
  if (drawer === undefined) return 'the register takes no cash'
  return `the register has one drawer; count all its cash as ${drawer.id}`
}

/** Whether a closing that is asked for again is the one that was: the answer may have been lost on its way. */
export function isSameClosing(
  { closing }: SessionReport,
  asked: { counts: Given; coins?: Readonly<Record<string, number>> | undefined; note?: string | undefined },
): boolean {
  if (closing === null || closing.note !== (asked.note ?? null)) return false
  if (!sameCoins(closing.coins ?? {}, asked.coins ?? {})) return false
  return asked.counts.every(({ method, counted }) =>
    closing.counts.some((count) => count.method === method && count.counted === counted),
  )
}

function sameCoins(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  const values = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...values].every((value) => (a[value] ?? 0) === (b[value] ?? 0))
}
