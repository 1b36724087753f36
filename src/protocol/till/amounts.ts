/** Money, quantities and rates as they cross the wire: money in minor units, everything else as exact decimal text. */
import { z } from 'zod'
import { tillLimits } from './limits.ts'

export { tillLimits }

/** Ids of the till are chosen by whoever makes the thing, so that asking again is safe. */
export const tillIdSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'is not 1 to 64 of A-Za-z0-9._-')

/** Minor units of the shop's currency, an integer: 1234 is 12.34 EUR. */
export const moneySchema = z.int().min(-tillLimits.amountMax).max(tillLimits.amountMax)
export const positiveMoneySchema = z.int().min(1).max(tillLimits.amountMax)

const decimalText = (pattern: RegExp, what: string) => z.string().regex(pattern, `is not ${what}`)

/** A quantity: up to 9 digits and 6 decimals, negative for what comes back. */
export const quantitySchema = decimalText(/^-?\d{1,9}(\.\d{1,6})?$/, 'a decimal number with up to 6 decimals')
/** A price of one unit in major units, of more digits than money: "1.99", "0.0125". */
export const priceSchema = decimalText(/^-?\d{1,9}(\.\d{1,6})?$/, 'a decimal price with up to 6 decimals')
/** A rate in percent: "21", "5.5". */
export const rateSchema = decimalText(/^-?\d{1,4}(\.\d{1,6})?$/, 'a decimal rate with up to 6 decimals')
/** A discount in percent, 0 to 100. */
export const discountSchema = decimalText(
  /^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$/,
  'a percentage from 0 to 100',
)

export const tillNameSchema = z.string().trim().min(1).max(tillLimits.nameCharsMax)
export const noteSchema = z.string().max(tillLimits.noteCharsMax)
export const barcodeSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\x00-\x1f\x7f]+$/, 'holds a control character')
/** What a scanner read: the group separator of GS1 may be in it. */
export const scannedCodeSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\x00-\x1c\x1e\x1f\x7f]+$/, 'holds a control character')
/** A day of the shop's calendar. */
export const daySchema = z.iso.date()
