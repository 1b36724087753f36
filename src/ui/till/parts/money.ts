/** Amounts for people: minor units and decimal text as the language and the currency write them. */
import type { Shop } from '../../../protocol/till/catalogue.ts'
import { locale } from '../../words/say.ts'

type Currency = Pick<Shop, 'currency' | 'currencyDigits'>

/** Making a formatter takes longer than drawing a line of the cart: one of each kind for the locale in use. */
const formatters = new Map<string, Intl.NumberFormat>()

function formatter(of: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${of} ${JSON.stringify(options)}`
  const found = formatters.get(key) ?? new Intl.NumberFormat(of, options)
  formatters.set(key, found)
  return found
}

/** `1234` as `€12.34`: exact, since the digits are moved as text. */
export function moneyText(minor: number, { currency, currencyDigits }: Currency): string {
  const digits = { minimumFractionDigits: currencyDigits, maximumFractionDigits: currencyDigits }
  return formatter(locale.value, { style: 'currency', currency, ...digits }).format(
    majorText(minor, currencyDigits) as unknown as number,
  )
}

/** `1234` as `12.34`, without the currency: for columns that say it at their top, and for fields. */
export function amountText(minor: number, digits: number): string {
  return formatter(locale.value, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  }).format(majorText(minor, digits) as unknown as number)
}

/** `1.500` as `1.5`, or `1,5`: quantities, percents and unit prices. */
export function decimalText(decimal: string, fewest = 0): string {
  return formatter(locale.value, { minimumFractionDigits: fewest, maximumFractionDigits: 6 }).format(
    decimal as unknown as number,
  )
}

/** Minor units as decimal text of the wire: `-1234` is `-12.34`. */
export function majorText(minor: number, digits: number): string {
  const sign = minor < 0 ? '-' : ''
  const all = String(Math.abs(minor)).padStart(digits + 1, '0')
  const whole = all.slice(0, all.length - digits)
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${all.slice(-digits)}`
}

/** What somebody typed, with `,` or `.`, as minor units; undefined when it is no amount. More digits than the currency has are none. */
export function minorOf(typed: string, digits: number): number | undefined {
  const found = /^\s*(-?)(\d{0,11})(?:[.,](\d*))?\s*$/.exec(typed)
  if (found === null) return undefined
  const [, sign = '', whole = '', fraction = ''] = found
  if (whole + fraction === '' || fraction.length > digits) return undefined
  const minor = Number(whole + fraction.padEnd(digits, '0'))
  return sign === '' ? minor : 0 - minor
}

/** The sign between whole and parts that the language of the page writes. */
export function decimalSign(): string {
  return (
    formatter(locale.value, {})
      .formatToParts(1.1)
      .find(({ type }) => type === 'decimal')?.value ?? '.'
  )
}

/** Typed in major units, with the decimal sign where the cashier puts it. */
export function typedAmount(before: string, key: string, digits: number): string {
  if (key === 'back') return before.slice(0, -1)
  if (key === 'decimal') return before.includes('.') || digits === 0 ? before : `${before || '0'}.`
  if (!/^\d$/.test(key)) return before
  const after = before + key
  return minorOf(after, digits) === undefined ? before : after
}
