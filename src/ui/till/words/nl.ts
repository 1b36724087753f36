/** The Dutch words of the till. */
import { cashNl } from '../../words/cash/nl.ts'
import { commonNl } from '../../words/common/nl.ts'
import { errorsNl } from '../../words/errors/nl.ts'
import { floorNl } from '../../words/floor/nl.ts'
import { ordersNl } from '../../words/orders/nl.ts'
import { payNl } from '../../words/pay/nl.ts'
import { reportsNl } from '../../words/reports/nl.ts'
import { sellNl } from '../../words/sell/nl.ts'
import { startNl } from '../../words/start/nl.ts'
import { tillNl } from '../../words/till/nl.ts'
import type { TillWords } from './en.ts'

export const words: TillWords = {
  ...commonNl,
  ...tillNl,
  ...startNl,
  ...sellNl,
  ...payNl,
  ...ordersNl,
  ...floorNl,
  ...cashNl,
  ...reportsNl,
}
export const errors = errorsNl
