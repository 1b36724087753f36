/** Paid orders as rows of CSV (RFC 4180): orders, their lines, payments and taxes. */
import { HubError } from '../protocol/errors.ts'
import type { PaidOrder } from '../protocol/till/order.ts'
import type { LedgerEntry } from '../store/store.ts'

export const csvTables = ['orders', 'lines', 'payments', 'taxes'] as const
export type CsvTable = (typeof csvTables)[number]

type Cell = string | number | boolean | null | undefined

const columns: Readonly<Record<CsvTable, readonly string[]>> = {
  orders: [
    'seq',
    'hash',
    'reference',
    'number',
    'id',
    'paid_at',
    'register',
    'session',
    'employee',
    'till',
    'customer',
    'table',
    'refund',
    'currency',
    'net',
    'tax',
    'total',
    'rounding',
    'cash_rounding',
    'discounts',
    'tip',
    'paid',
    'change',
    'invoice',
  ],
  lines: [
    'reference',
    'line',
    'kind',
    'product',
    'name',
    'category',
    'quantity',
    'unit',
    'price',
    'discount_percent',
    'taxes',
    'net',
    'tax',
    'gross',
    'refund_of_order',
    'refund_of_line',
  ],
  payments: ['reference', 'payment', 'method', 'amount', 'change', 'slip'],
  taxes: ['reference', 'tax', 'name', 'base', 'amount'],
}

export const headerOf = (table: CsvTable): string => row(columns[table])

/** Works on the order of an entry. Throws `ledger_broken` when it is none that can be read. */
export function withOrder<T>(
  { seq, body }: Pick<LedgerEntry, 'seq' | 'body'>,
  work: (order: PaidOrder) => T,
): T {
  try {
    return work(JSON.parse(body) as PaidOrder)
  } catch (error) {
    const reason =
      'its order cannot be read; export with --format jsonl, which writes the entries as they are'
    throw new HubError('ledger_broken', { seq, reason }, error)
  }
}

export const rowsOf = (entry: LedgerEntry): Record<CsvTable, string> =>
  withOrder(entry, (order) => orderRows(entry, order))

/** Amounts in the currency of the order, with its digits. */
function orderRows(entry: LedgerEntry, order: PaidOrder): Record<CsvTable, string> {
  const { reference, totals, rules } = order
  const money = (amount: number) => decimal(amount, rules.currencyDigits)
  const { net, tax, total, rounding, discounts, tip } = totals
  const about = [entry.seq, entry.hash, reference, order.number, order.id, order.paidAt, order.register]
  const who = [order.session, order.employee, order.till, order.customer, order.table, order.refund]
  const sums = [net, tax, total, rounding, order.cashRounding, discounts, tip, order.paid, order.change]
  return {
    orders: row([...about, ...who, rules.currency, ...sums.map(money), order.invoice]),
    lines: order.lines
      .map((line) => {
        const what = [line.id, line.kind, line.product, line.name, line.category, line.quantity, line.unit]
        const amounts = [line.net, line.tax, line.gross].map(money)
        const { order: soldOrder, line: soldLine } = line.refundOf ?? {}
        const price = [line.price, line.discount, line.taxes.join(' ')]
        return row([reference, ...what, ...price, ...amounts, soldOrder, soldLine])
      })
      .join(''),
    payments: order.payments
      .map(({ id, method, amount, change, reference: slip }) =>
        row([reference, id, method, money(amount), change, slip]),
      )
      .join(''),
    taxes: totals.taxes
      .map(({ tax: id, name, base, amount }) => row([reference, id, name, money(base), money(amount)]))
      .join(''),
  }
}

const row = (cells: readonly Cell[]): string => `${cells.map(cell).join(',')}\r\n`

/** A text that a spreadsheet would take for a formula is told to be text. */
function cell(value: Cell): string {
  if (value === null || value === undefined) return ''
  const text = String(value)
  const harmless = typeof value !== 'string' || isNumber.test(text) || !/^[=+\-@\t\r]/.test(text)
  const shown = harmless ? text : `'${text}`
  return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown
}

const isNumber = /^-?\d+(\.\d+)?$/

/** Minor units as a decimal of the currency. */
function decimal(amount: number, digits: number): string {
  const text = String(Math.abs(amount)).padStart(digits + 1, '0')
  const sign = amount < 0 ? '-' : ''
  if (digits === 0) return `${sign}${text}`
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}
