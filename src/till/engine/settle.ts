/** What was paid against what is due: change, cash rounding, and what is wrong with a payment. Amounts in minor units. */
import { HubError } from '../../protocol/errors.ts'
import type { PaymentMethod } from '../../protocol/till/catalogue.ts'
import type { PaymentInput } from '../../protocol/till/order.ts'
import { cashDue, roundCash } from './cash-rounding.ts'
import type { Settle, SettleTerms } from './contract.ts'
import { moneyText } from './money-text.ts'
import { within } from './rounding.ts'

interface Row {
  input: PaymentInput
  method: PaymentMethod
  path: string
}

/**
 * Methods that are not cash pay exactly; cash brings the rest, rounded where only cash is. Throws `payment_invalid` with the path of
 * the payment, or `payments` when money is missing (`missing` in the context, in minor units).
 */
export const settle: Settle = (payments, terms) => {
  const rows = payments.map((input, at) => checked(input, at, terms))
  const cash = onlyCash(rows, terms)
  const exact = rows.reduce((all, row) => (row === cash ? all : all + row.input.amount), 0)
  /** What is left for cash, before and after its rounding. */
  const rest = terms.due - exact
  const wanted = cashDue(rest, terms.cashRounding)
  const given = cash?.input.amount ?? 0
  const against = rows.find(({ input }) => Math.sign(input.amount) !== Math.sign(terms.due))
  const change =
    against === undefined
      ? changeOf(rows, cash, rest, wanted, terms)
      : netted(against, cash, rest, wanted, terms)
  const paid = within(exact + given - change, 'payments')
  return {
    payments: [...payments.map((payment) => ({ ...payment, change: false })), ...changeRow(change, terms)],
    paid,
    change,
    cashRounding: paid - terms.due,
  }
}

function checked(input: PaymentInput, at: number, terms: SettleTerms): Row {
  const path = `payments.${at}`
  const method = terms.methods.get(input.method)
  if (method === undefined) throw invalid(`${path}.method`, `there is no payment method ${input.method}`)
  if (input.amount === 0) throw invalid(`${path}.amount`, 'is zero; leave this payment out')
  if (method.needsReference && (input.reference ?? '').trim() === '')
    throw invalid(`${path}.reference`, `type in the number that the terminal printed for ${method.name}`)
  return { input, method, path }
}

function onlyCash(rows: readonly Row[], terms: SettleTerms): Row | undefined {
  const { cashRounding } = terms
  const [cash, second] = rows.filter(({ method }) => method.kind === 'cash')
  if (second !== undefined) throw invalid(second.path, 'there is a payment in cash already; make it one')
  const step = cashRounding?.cashOnly ? cashRounding.step : 1
  if (cash !== undefined && cash.input.amount % step !== 0)
    throw invalid(`${cash.path}.amount`, `cash has to be a multiple of ${moneyText(step, terms)}`)
  return cash
}

/** A payment in the other direction is allowed where all of them meet what is due to the cent. */
function netted(against: Row, cash: Row | undefined, rest: number, wanted: number, terms: SettleTerms): 0 {
  const { due } = terms
  // A rest too small for a coin is left only where coins would bring it: not when cards brought too much.
  const settled = cash === undefined ? wanted === 0 && rest * due >= 0 : cash.input.amount === wanted
  if (settled && (due !== 0 || cash !== undefined || rest === 0)) return 0
  const off = moneyText(Math.abs(rest - (cash?.input.amount ?? 0)), terms)
  if (due === 0) throw invalid(against.path, `nothing is due, and payments are off by ${off}`)
  const what = due < 0 ? 'money comes in on a refund' : 'money is paid back on a sale'
  throw invalid(against.path, `${what}, and payments are off by ${off}`)
}

/** What is handed back. All payments have the sign of what is due. */
function changeOf(
  rows: readonly Row[],
  cash: Row | undefined,
  rest: number,
  wanted: number,
  terms: SettleTerms,
): number {
  const direction = Math.sign(terms.due)
  const given = cash?.input.amount ?? 0
  if (rest * direction < 0) return overpaid(rows, cash, -rest, terms)
  if (cash !== undefined && rest === 0) throw invalid(cash.path, 'nothing is left to be paid in cash')
  const missing = (wanted - given) * direction
  if (missing > 0) throw missingMoney(cash === undefined ? Math.abs(rest) : missing, terms)
  if (missing < 0 && direction < 0 && cash !== undefined)
    throw invalid(`${cash.path}.amount`, `${moneyText(-missing, terms)} more than is due is paid back`)
  return Math.abs(missing)
}

/** More than is due without cash: only by methods that allow it, and only on a sale. */
function overpaid(rows: readonly Row[], cash: Row | undefined, excess: number, terms: SettleTerms): number {
  if (cash !== undefined) throw invalid(cash.path, 'nothing is left to be paid in cash')
  const last = rows.findLast(({ method }) => !mayOverpay(method)) ?? rows.at(-1)
  const path = `${last?.path ?? 'payments'}.amount`
  if (excess < 0) throw invalid(path, `${moneyText(-excess, terms)} more than is due is paid back`)
  const strict = rows.reduce((all, { input, method }) => (mayOverpay(method) ? all : all + input.amount), 0)
  if (strict > terms.due || !rows.some(({ method }) => mayOverpay(method)))
    throw invalid(path, `${moneyText(excess, terms)} more than is due, and only cash gives change`)
  return terms.cashRounding?.cashOnly ? roundCash(excess, terms.cashRounding) : excess
}

const mayOverpay = ({ kind, overpay }: PaymentMethod): boolean => overpay && kind !== 'account'

function changeRow(change: number, { changeMethod, changeId }: SettleTerms) {
  if (change === 0) return []
  if (changeMethod === undefined)
    throw invalid('payments', 'change is due, and this register has no cash to give it from')
  return [{ id: changeId, method: changeMethod.id, amount: -change, change: true }]
}

function missingMoney(missing: number, terms: SettleTerms): HubError {
  const verb = terms.due < 0 ? 'is still to be paid back' : 'is missing'
  return new HubError('payment_invalid', {
    path: 'payments',
    reason: `${moneyText(missing, terms)} ${verb}`,
    missing,
  })
}

const invalid = (path: string, reason: string) => new HubError('payment_invalid', { path, reason })
