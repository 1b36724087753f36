/** Money as the sentences of errors say it: 12.34 EUR, while their context keeps the minor units for programs. */
import { fromMinor, toText } from './decimal.ts'

interface Currency {
  currency?: string | undefined
  currencyDigits?: number | undefined
}

/** `amount` in minor units; with digits that nobody knows it says so. */
export function moneyText(amount: number, { currency, currencyDigits }: Currency): string {
  if (currencyDigits === undefined) return `${amount} minor units`
  const text = toText(fromMinor(amount, currencyDigits), currencyDigits, currencyDigits)
  return currency === undefined ? text : `${text} ${currency}`
}
