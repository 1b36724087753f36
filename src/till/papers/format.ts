/** Money, numbers and times as the shop's customers read them; nothing but blanks that every printer has. */
import type { Shop } from '../../protocol/till/catalogue.ts'

/** What decides how figures look. */
export type FormatTerms = Pick<Shop, 'language' | 'currency' | 'currencyDigits' | 'timeZone'>

/** Decimals of quantities and prices of one unit. */
const decimalsMax = 6

export class Formats {
  readonly #digits: number
  readonly #amount: Intl.NumberFormat
  readonly #money: Intl.NumberFormat
  readonly #price: Intl.NumberFormat
  readonly #unitPrice: Intl.NumberFormat
  readonly #decimal: Intl.NumberFormat
  readonly #time: Intl.DateTimeFormat

  constructor({ language, currency, currencyDigits, timeZone }: FormatTerms) {
    // American days are written in American English only where people pay in dollars.
    const locale = language === 'en' ? (currency === 'USD' ? 'en-US' : 'en-GB') : language
    const fixed = { minimumFractionDigits: currencyDigits, maximumFractionDigits: currencyDigits }
    const long = { minimumFractionDigits: currencyDigits, maximumFractionDigits: decimalsMax }
    const sign = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const
    this.#digits = currencyDigits
    this.#amount = new Intl.NumberFormat(locale, fixed)
    this.#money = new Intl.NumberFormat(locale, { ...sign, ...fixed })
    this.#price = new Intl.NumberFormat(locale, long)
    this.#unitPrice = new Intl.NumberFormat(locale, { ...sign, ...long })
    this.#decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: decimalsMax })
    this.#time = timeFormat(locale, timeZone, language === 'en' ? 'short' : '2-digit')
  }

  /** Minor units without the currency: 123456 is "1.234,56". */
  amount(minor: number): string {
    return plain(this.#amount.format(this.#major(minor)))
  }

  /** Minor units with the currency: "1.234,56 €". */
  money(minor: number): string {
    return plain(this.#money.format(this.#major(minor)))
  }

  /** A price of one unit, in major units, with all its decimals. */
  price(text: string): string {
    return plain(this.#price.format(text as `${number}`))
  }

  /** A price of one unit with the currency. */
  unitPrice(text: string): string {
    return plain(this.#unitPrice.format(text as `${number}`))
  }

  /** A quantity or a rate, without needless zeros. */
  decimal(text: string): string {
    return plain(this.#decimal.format(text as `${number}`))
  }

  /** Day, hour and minute in the shop's time zone; of an ISO time or of ms since 1970. */
  time(at: string | number): string {
    return plain(this.#time.format(typeof at === 'string' ? Date.parse(at) : at))
  }

  #major(minor: number): `${number}` {
    // Written as text: dividing would give a number that is not exact.
    const digits = String(Math.abs(minor)).padStart(this.#digits + 1, '0')
    const whole = digits.slice(0, digits.length - this.#digits)
    const sign = minor < 0 ? '-' : ''
    return `${sign}${whole}.${digits.slice(whole.length)}0` as `${number}`
  }
}

function timeFormat(locale: string, timeZone: string, month: 'short' | '2-digit'): Intl.DateTimeFormat {
  const look = {
    day: '2-digit',
    month,
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  } as const
  try {
    return new Intl.DateTimeFormat(locale, { ...look, timeZone })
  } catch {
    // A zone that nobody knows: the name of the one taken is printed with it, so that no hour is wrong.
    return new Intl.DateTimeFormat(locale, { ...look, timeZone: 'UTC', timeZoneName: 'short' })
  }
}

/** Printers lack the narrow and the hard blank, and the true minus. */
function plain(text: string): string {
  return text.replace(/[\u00a0\u2009\u202f]/g, ' ').replaceAll('\u2212', '-')
}
